import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { stateOf } from '../support/precious.js';
import { homeOf, INSIDE, onSharedMachine, SharedMachine } from '../support/users.js';

let machine: SharedMachine;

onSharedMachine.describe('the compiled code of root', () => {
  const theirs = `${homeOf('root')}/theirs`;
  const his = homeOf('attacker');
  let before: string;
  beforeEach(async () => {
    machine = await SharedMachine.start();
    machine.sh('root', 'umask 077; mkdir "$1"; echo precious > "$1/precious"; touch -d 2020-01-01 "$1" "$1/precious"', [
      theirs,
    ]);
    before = stateOf(machine, theirs);
  });
  afterEach(() => machine.close());

  const start = async (env: Readonly<Record<string, string>>): Promise<void> => {
    // Bounded: a pipe would hold it for good.
    const through = { env, within: ['timeout', '-s', 'KILL', '20'] };
    const { code, stderr } = await machine.run('root', ['--version'], through);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  };

  test.each<[what: string, trap: string]>([
    ['a link to a cache', 'ln -s "$1" .cache'],
    [
      'a link in a cache of his',
      'mkdir .cache; for name in wso2-launch wso2-launch-compiled; do ln -s "$1" .cache/$name; done',
    ],
    ['folders of his for all', 'for name in "" /wso2-launch /wso2-launch-compiled; do mkdir -m 777 .cache$name; done'],
    ['pipes', 'mkdir .cache; for name in wso2-launch wso2-launch-compiled; do mkfifo .cache/$name; done'],
    ['nothing', 'true'],
  ])('is neither in a home that he has lent, nor does anything go for it: %s', async (_what, trap) => {
    machine.sh('attacker', trap, [theirs]);
    const files = machine.sh('attacker', 'find . | sort');
    for (const env of [{ HOME: his }, { HOME: homeOf('root'), XDG_CACHE_HOME: `${his}/.cache` }]) await start(env);
    expect(stateOf(machine, theirs)).toBe(before);
    expect(machine.sh('attacker', 'find . | sort')).toBe(files);
  });

  test('is not what he has written, in a folder that is his or anybody’s', async () => {
    machine.sh('root', 'mkdir -m 777 /tmp/open');
    await start({ HOME: his });
    machine.sh('attacker', 'cp -r "$1" .cache 2>/dev/null || mkdir .cache', [`${homeOf('root')}/.cache`]);
    // As it is kept for himself, with another program in it of the same length.
    const words = [INSIDE.node, `${INSIDE.project}/bin/wso2-launch.cjs`, '--version'];
    machine.sh('attacker', 'XDG_CACHE_HOME=/tmp/open "$@"; XDG_CACHE_HOME=$HOME/.cache "$@"', words);
    machine.sh('attacker', 'for file in $(find . -name "main.cjs.bin"); do printf damaged > "$file"; done');
    await start({ HOME: homeOf('root'), XDG_CACHE_HOME: '/tmp/open' });
    await start({ HOME: homeOf('root'), XDG_CACHE_HOME: `${his}/.cache` });
    expect(machine.sh('root', 'find "$1" /tmp/open -user root ! -path /tmp/open', [his])).toBe('');
  });

  test('a relative cache and a checkout beside the caches stay as they are', async () => {
    machine.sh('root', 'mkdir -p .cache; cp -a theirs .cache/wso2-launch; touch -d 2020-01-01 .cache/wso2-launch');
    const checkout = `${homeOf('root')}/.cache/wso2-launch`;
    const found = stateOf(machine, checkout);
    await start({});
    await start({ XDG_CACHE_HOME: '.' });
    await start({ XDG_CACHE_HOME: 'theirs/..' });
    expect(stateOf(machine, checkout)).toBe(found);
    expect(machine.sh('root', 'ls -A')).toBe('.cache\ntheirs');
  });
});
