import { expect, it } from 'vitest';
import { readReplay, replay } from '@pmkit/explore';

const RECORDED = {
  "format": "pmkit replay",
  "version": 1,
  "kit": "0.0.0",
  "tree": {
    "level": 4,
    "hotplug": false
  },
  "race": {
    "name": "moved",
    "machine": {
      "nodes": 3,
      "pages": 64,
      "cpus": 1,
      "swap": 32
    },
    "files": {},
    "tasks": {
      "job": {
        "node": 1,
        "uid": 0
      }
    },
    "before": [
      "job: a = mmap(0, 1P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)",
      "job: store(a, 1)"
    ],
    "together": {
      "job": [
        "load(a, 1)"
      ],
      "batchd": [
        "r = migrate_pages(job, 1, {1}, {2})"
      ]
    },
    "faults": []
  },
  "ending": {
    "text": "job: killed by SIGKILL | batchd: 1",
    "failures": [
      "VM: killing process job"
    ]
  },
  "steps": [
    {"actor":"batchd","op":0,"at":"sys_migrate_pages"},
    {"actor":"batchd","op":0,"at":"sys_migrate_pages"},
    {"actor":"batchd","op":0,"at":"generic_migrate_page"},
    {"actor":"batchd","op":0,"at":"generic_migrate_page"},
    {"actor":"job","op":0,"at":"handle_mm_fault"},
    {"actor":"job","op":0,"at":"do_swap_page"},
    {"actor":"job","op":0,"at":"__lock_page"},
    {"actor":"batchd","op":0,"at":"generic_migrate_page"},
    {"actor":"batchd","op":0,"at":"get_user_pages"},
    {"actor":"batchd","op":0,"at":"handle_mm_fault"},
    {"actor":"batchd","op":0,"at":"do_swap_page"},
    {"actor":"batchd","op":0,"at":"generic_migrate_page"},
    {"actor":"batchd","op":0,"at":"user"},
    {"actor":"job","op":0,"at":"killed"}
  ]
};

it("moved at level 4: VM: killing process job", () => {
  const { partings, ending } = replay(readReplay(JSON.stringify(RECORDED), "moved"));
  expect(partings).toEqual([]);
  expect(ending).toEqual(RECORDED.ending);
});
