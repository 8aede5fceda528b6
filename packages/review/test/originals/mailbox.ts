/** A mailbox in the manner of lore.kernel.org, with mails of our own: nothing of it was ever posted. */
export interface TestMail {
  readonly subject: string;
  readonly id?: string;
  readonly to?: string;
  readonly from?: string;
  readonly date?: string;
  readonly header?: readonly string[];
  readonly body: string;
}

export function mailbox(mails: readonly TestMail[]): Buffer {
  return Buffer.from(mails.map(mailText).join(''), 'utf8');
}

function mailText({ subject, id, to, from, date, header = [], body }: TestMail): string {
  const fields = [
    `From: ${from ?? 'A. Tester <tester@example.org>'}`, `Subject: ${subject}`, `Date: ${date ?? 'Wed, 22 Jun 2005 09:39:08 -0700 (PDT)'}`,
    ...(id === undefined ? [] : [`Message-Id: <${id}>`]), ...(to === undefined ? [] : [`In-Reply-To: <${to}>`]), ...header,
  ];
  const quoted = body.replaceAll(/^(>*From )/gm, '>$1');
  return `From mboxrd@z Thu Jan  1 00:00:00 1970\n${fields.join('\n')}\n\n${quoted}${quoted.endsWith('\n') ? '' : '\n'}\n`;
}

/** A file's diff as quilt made it in 2005. */
export const fileDiff = (file: string, hunks: string): string =>
  [`Index: linux-2.6.12-rc5-test/${file}`, '='.repeat(67), `--- linux-2.6.12-rc5-test.orig/${file}\t2005-06-10 14:47:25.000000000 -0700`, `+++ linux-2.6.12-rc5-test/${file}\t2005-06-10 14:47:26.000000000 -0700`, hunks].join('\n');

export const PATCH_5 = '[PATCH 2.6.12-rc5 5/10] mm: manual page migration-rc3 -- sys_migrate_pages-mempolicy-migration-rc3.patch';

/** What a patch of this name could look like: a new function, a changed one, and a prototype. */
export const BODY_5 = `Policies go along. What follows was written for a test.
From here on it is a patch.

 include/linux/mempolicy.h |    1 +
 mm/mempolicy.c            |   11 ++++++++++-
 2 files changed, 11 insertions(+), 1 deletion(-)

${fileDiff('include/linux/mempolicy.h', `@@ -10,3 +10,4 @@ struct mempolicy {
 extern int one(void);
+extern int migrate_process_policy(struct task_struct *, int *);
 extern int two(void);
${' '}
`)}${fileDiff('mm/mempolicy.c', `@@ -100,4 +100,13 @@ int unrelated(struct vma *a, struct wha
 	return 0;
 }
${' '}
+/*
+ * a comment above
+ */
+int migrate_process_policy(struct task_struct *task,
+			   int *map)
+{
+	return helper(task, map);
+}
+
 int below(void)
@@ -200,3 +209,3 @@ static long do_something(unsigned long
 	one();
-	two();
+	three();
 	four();
`)}-- 
A. Tester
`;
