/** Methods of AMQP 0-9-1 (§1.4–1.8) that are written, and what of them. Connection's own are the sign-in's, see amqp.ts. */

import type { AmqpRecord } from '@forewarn/model/records/amqp';
import type { Fields } from './fields.ts';

type Method = {
  readonly name: string;
  /** A message follows. */ readonly content?: true;
  read(fields: Fields, record: AmqpRecord): void;
};

const key = (classId: number, methodId: number): number => classId * 256 + methodId;

const reply = (fields: Fields, record: AmqpRecord): void => {
  record.reply_code = fields.two();
  record.reply_text = fields.shortText();
};

const route = (fields: Fields, record: AmqpRecord): void => {
  record.exchange = fields.shortText();
  record.routing_key = fields.shortText();
};

/** The reserved number before names. */
const ticket = (fields: Fields): void => fields.skip(2);

const queue = (fields: Fields, record: AmqpRecord): void => {
  ticket(fields);
  record.queue = fields.shortText();
};

const exchange = (fields: Fields, record: AmqpRecord): void => {
  ticket(fields);
  record.exchange = fields.shortText();
};

const bound = (fields: Fields, record: AmqpRecord): void => {
  queue(fields, record);
  route(fields, record);
};

const table: ReadonlyMap<number, Method> = new Map<number, Method>([
  [key(20, 40), { name: 'channel.close', read: reply }],
  [
    key(40, 10),
    {
      name: 'exchange.declare',
      read(fields, record) {
        exchange(fields, record);
        record.exchange_type = fields.shortText();
      },
    },
  ],
  [key(40, 20), { name: 'exchange.delete', read: exchange }],
  [key(50, 10), { name: 'queue.declare', read: queue }],
  [key(50, 20), { name: 'queue.bind', read: bound }],
  [key(50, 30), { name: 'queue.purge', read: queue }],
  [key(50, 40), { name: 'queue.delete', read: queue }],
  [key(50, 50), { name: 'queue.unbind', read: bound }],
  [key(60, 20), { name: 'basic.consume', read: queue }],
  [
    key(60, 40),
    {
      name: 'basic.publish',
      content: true,
      read(fields, record) {
        ticket(fields);
        route(fields, record);
      },
    },
  ],
  [
    key(60, 50),
    {
      name: 'basic.return',
      content: true,
      read(fields, record) {
        reply(fields, record);
        route(fields, record);
      },
    },
  ],
  [
    key(60, 60),
    {
      name: 'basic.deliver',
      content: true,
      read(fields, record) {
        fields.skip(fields.byte());
        fields.skip(8);
        record.redelivered = (fields.byte() & 1) !== 0;
        route(fields, record);
      },
    },
  ],
  [key(60, 70), { name: 'basic.get', read: queue }],
  [
    key(60, 71),
    {
      name: 'basic.get-ok',
      content: true,
      read(fields, record) {
        fields.skip(8);
        record.redelivered = (fields.byte() & 1) !== 0;
        route(fields, record);
      },
    },
  ],
]);

/** What is written of a method; acknowledgements and agreements are not. */
export const methodOf = (classId: number, methodId: number): Method | undefined =>
  methodId < 256 ? table.get(key(classId, methodId)) : undefined;

/** Classes that there are, with RabbitMQ's confirm (85). */
export const isClass = (classId: number): boolean =>
  (classId >= 10 && classId <= 60 && classId % 10 === 0) || classId === 85 || classId === 90;
