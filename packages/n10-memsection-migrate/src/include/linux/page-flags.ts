/**
 * include/linux/page-flags.h as the hotplug patches extend it: a page that is to be captured when it becomes free.
 *
 * PG_capture and page_under_capture() are seen: in the context of a patch of 14 October 2004 against 2.6.9-rc2-mm4-mhp, and in
 * grab_capturing_pages(). There the bit is number 19, which 2.6.12 has given to PG_nosave_free since; the number here is *modelled*.
 */
import type { MemMap } from '@pmkit/mm-core/include/linux/mm_types';
import type { Page } from '@pmkit/mm-core';

/** In use, in a range under capture. The mark goes when the page is captured, or its range is given up. */
export const PG_capture = 1 << 21;

export const page_under_capture = (mem: MemMap, page: Page): boolean => (mem.flags[page]! & PG_capture) !== 0;
