import { forgetHomes, homesDocument, lookAtHomes } from '../../api/internal/homes.js';
import { LaunchError } from '../../domain/failure.js';
import { inWords } from '../../domain/words.js';
import type { Context } from '../main.js';
import { homesTable } from '../render-instances.js';
import type { View } from '../view.js';

export async function runHomes({ words: [action, ...names] }: Context): Promise<View> {
  if (action === undefined) {
    const homes = await lookAtHomes();
    return { data: homesDocument(homes), text: () => homesTable(homes, Date.now()) };
  }
  if (action !== 'rm')
    throw usage(`homes knows no ${JSON.stringify(action)}: it lists the private homes, and rm removes them.`);
  if (names.length === 0) throw usage('homes rm has to be told which: wso2-launch homes lists them.');
  const removed = await forgetHomes(names);
  return { data: { removed }, text: () => inWords`${removed.join(', ')} removed\n` };
}

const usage = (what: string): LaunchError => new LaunchError({ kind: 'usage', what });
