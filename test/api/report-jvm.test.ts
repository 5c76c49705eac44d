import { beforeEach, expect, test } from '@jest/globals';
import { askJvm, type ReportedJvm } from '../../src/api/internal/report/jvm.js';
import type { Instance } from '../../src/instance/list.js';
import { type FakeSystem, fakeSystem, processRow } from '../support/fake-system.js';
import { instanceRecord } from '../support/instance-record.js';

const JVM = 101;
const INSTANCE = instanceRecord({
  ...{ status: 'ready', pid: JVM, server: { pid: 100, startTime: 't100' }, javaHome: '/jdk' },
});

let system: FakeSystem;
let asked: string[];
let answer: (question: string) => string | undefined;
beforeEach(() => {
  system = fakeSystem();
  system.processes.rows.push(processRow(100, { session: 100 }), processRow(JVM, { parent: 100, session: 100 }));
  system.processes.arguments.set(JVM, ['java', '-Dcarbon.home=/opt/mi', '-Da.password=x']);
  Object.assign(system.files, { findProgram: (path: string) => path });
  asked = [];
  answer = (question) => `answer to ${question}`;
  system.spawning.outputOf = async (file, args) => {
    asked.push([file, ...args].join(' '));
    return answer(args[1] ?? '');
  };
});

const ask = (more: Partial<Instance> = {}): Promise<ReportedJvm> =>
  askJvm({ ...INSTANCE, ...more }, new AbortController().signal, system);

test("a JVM is asked by its own JDK's jcmd", async () => {
  expect(await ask()).toEqual({
    texts: {
      'threads.txt': 'answer to Thread.print -l\n',
      'heap.txt': 'answer to GC.class_histogram -all\n',
      'jvm.txt': expect.stringContaining('answer to VM.version\nVM.uptime\nVM.command_line'),
    },
    missing: undefined,
    args: ['java', '-Dcarbon.home=/opt/mi', '-Da.password=x'],
  });
  expect(asked[0]).toBe('/jdk/bin/jcmd 101 Thread.print -l');
});

test.each([undefined, '101:', '101:\nPicked up JAVA_TOOL_OPTIONS: -Da=b'])(
  'one that answers nothing but %j is asked no more',
  async (nothing) => {
    answer = (question) => (question.startsWith('GC') ? nothing : '101:\nthreads');
    expect(await ask()).toMatchObject({
      texts: { 'threads.txt': 'threads\n' },
      missing: 'process 101, the JVM: no answer in 20 s',
    });
    expect(asked).toHaveLength(2);
  },
);

test('one that jcmd can not reach is asked no more, whatever its heap holds', async () => {
  answer = () => '  12:  1  24  java.io.IOException (java.base)\n';
  expect(await ask()).toMatchObject({ missing: undefined });
  asked = [];
  answer = () =>
    '101:\ncom.sun.tools.attach.AttachNotSupportedException: target process 101 does not respond\n\tat a.b';
  expect(await ask()).toMatchObject({
    texts: {},
    missing:
      'process 101, the JVM: com.sun.tools.attach.AttachNotSupportedException: target process 101 does not respond',
  });
  expect(asked).toHaveLength(1);
});

test.each<[more: Partial<Instance>, prepare: () => void, missing: string]>([
  [{ status: 'exited', pid: null }, () => {}, 'it has ended'],
  [{ isElsewhere: true }, () => {}, 'it runs in another container'],
  [{ server: null }, () => {}, 'its JVM was not found'],
  [{}, () => system.processes.arguments.clear(), 'its JVM was not found'],
  [{ javaHome: undefined as never }, () => {}, 'its JDK is not known'],
  [{}, () => Object.assign(system.files, { findProgram: () => undefined }), 'its JDK, /jdk, has no bin/jcmd'],
  [
    {},
    () => Object.assign(system.processes, { catchesQuit: () => false }),
    'process 101 is not known to survive the signal by which a JVM is asked',
  ],
])('nobody is asked of %j', async (more, prepare, missing) => {
  prepare();
  expect(await ask(more)).toEqual({ texts: {}, args: [], missing });
  expect(asked).toEqual([]);
});
