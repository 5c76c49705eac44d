import type { TakenPort } from './failure.js';

// RabbitMQ's process is Erlang's.
const MESSAGE_BROKER = /^(?:beam|rabbitmq)/i;

/** A message broker on the API Manager's own broker port doesn't merely cost an offset: the server would end of it. */
export function brokerWarnings(taken: readonly TakenPort[]): string[] {
  const found = taken.find(({ name, by }) => name === 'amqp' && MESSAGE_BROKER.test(by?.command ?? ''));
  if (!found) return [];
  const broker = `${found.by?.command}, pid ${found.by?.pid}`;
  return [
    `Port ${found.number} (amqp) belongs to a message broker (${broker}): a server that wanted it too would end as soon as it failed to bind it.`,
  ];
}
