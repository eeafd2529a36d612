import { describe, expect, it } from 'vitest';
import { countEntries, walkFindings, walkOf } from '#tests/tools/walk.ts';

const worker = 'functions/conversation-worker';

/** A tree of files of the worker; `workOnJob.ts` hands mails to `bringIn.ts`. */
function treeOf(files: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const workOnJob = `
    import { alert } from './alert.ts';
    import { bringIn } from './bringIn.ts';
    export async function workOnJob(deps, job) {
      switch (job.kind) {
        case 'incoming-message':
          return bringIn(deps, job);
        case 'alert':
          return alert(deps, job);
      }
    }`;
  return new Map(
    Object.entries({ 'workOnJob.ts': workOnJob, ...files }).map(([file, text]) => [
      `${worker}/${file}`,
      text,
    ]),
  );
}

function stepsOf(files: Readonly<Record<string, string>>): readonly string[] {
  return walkOf(treeOf(files)).map(
    ({ file, name, depth }) => `${depth} ${file.slice(worker.length + 1)} ${name}`,
  );
}

describe('the walk of a mail', () => {
  it('goes through the files in the order of the calls, and not through other jobs', () => {
    expect(
      stepsOf({
        'bringIn.ts': `
          import { read } from './read.ts';
          import { write as put } from './write.ts';
          import type { Job } from './job.ts';
          export const bringIn = async (deps, job: Job) =>
            put(await read(job), () => later(deps));
          function later(deps) { return deps.store.save(read); }`,
        'read.ts': 'export function read(job) { return job.id; }',
        'write.ts': `import { check } from './check.ts';\nexport async function write(mail, done) { check(mail); }`,
        'check.ts': 'export function check(mail) {}',
        'alert.ts': 'export function alert() {}',
      }),
    ).toEqual([
      '0 workOnJob.ts workOnJob',
      '1 bringIn.ts bringIn',
      '2 read.ts read',
      '2 write.ts write',
      '3 check.ts check',
      '2 read.ts read',
    ]);
  });

  it('finds members of constant objects, default values and functions that are passed on by name', () => {
    expect(
      stepsOf({
        'bringIn.ts': `
          import { keys } from './keys.ts';
          import { first } from './first.ts';
          import { each } from './each.ts';
          export function bringIn(deps, key = first()) { return [keys.thread(key)].map(each); }`,
        'keys.ts': 'export const keys = { thread: (key) => key, other() {} } as const;',
        'first.ts': 'export function first() {}',
        'each.ts': 'export function each() {}',
      }).slice(2),
    ).toEqual(['2 first.ts first', '2 keys.ts keys.thread', '2 each.ts each']);
  });

  it('enters a file at every call, but walks each function once', () => {
    expect(
      stepsOf({
        'bringIn.ts': `
          import { again } from './again.ts';
          export function bringIn() { again(); again(); bringIn(); }`,
        'again.ts': `import { deep } from './deep.ts';\nexport function again() { deep(); }`,
        'deep.ts': 'export function deep() {}',
      }).slice(2),
    ).toEqual(['2 again.ts again', '3 deep.ts deep', '2 again.ts again']);
  });
});

describe('the limits of the walk', () => {
  const bottom = 'export function createConversation() {}';

  it('hold for every file, also at the bottom', () => {
    const entries = walkOf(
      treeOf({
        'bringIn.ts': `
          import { middle } from './middle.ts';
          export function bringIn() { middle(); middle(); middle(); middle(); }`,
        'middle.ts': `
          import { ask } from './ask.ts';
          import { createConversation } from './createConversation.ts';
          export function middle() { ask(); ask(); ask(); ask(); createConversation(); createConversation(); }`,
        'ask.ts': 'export function ask() {}',
        'createConversation.ts': bottom,
      }),
    );
    expect(countEntries(entries).map(({ count }) => count)).toEqual([1, 1, 4, 4, 2]);
    expect(walkFindings(entries)).toEqual([
      `${worker}/middle.ts is entered 4 times; at most 3 are allowed.`,
      `${worker}/ask.ts is entered 4 times; at most 3 are allowed.`,
    ]);
  });

  it('are lower for the file that creates conversations, which has to be reached', () => {
    const bringIn = (calls: string) => `
      import { createConversation } from './createConversation.ts';
      export function bringIn() { ${calls} }`;
    const findingsOf = (calls: string) =>
      walkFindings(walkOf(treeOf({ 'bringIn.ts': bringIn(calls), 'createConversation.ts': bottom })));
    const call = 'createConversation();';
    expect(findingsOf(call.repeat(2))).toEqual([]);
    expect(findingsOf(call.repeat(3))).toEqual([
      `${worker}/createConversation.ts is entered 3 times; at most 2 are allowed.`,
    ]);
    expect(findingsOf('')).toEqual(['The walk does not reach createConversation.ts.']);
  });
});
