/**
 * TCP conversations (RFC 9293) as a tap between the two ends sees them.
 *
 * First every sending is placed in time: slow start and congestion window (RFC 5681, RFC 6928), delayed
 * acknowledgements (RFC 1122 §4.2.3.2), now and then a segment that is lost behind the tap and sent again. Only the last
 * segment of what a side says is ever lost: one repeated in the middle of a message is honest TCP too, but Wireshark's
 * reassembly calls it malformed, and its silence is what our recordings are held to. Then each side is walked through once, and what a packet acknowledges is what had really arrived at
 * its sender when it was sent. So sequence numbers, acknowledgements and timestamps agree by construction.
 *
 *     client ── clientDelay ── tap ── serverDelay ── server
 */

import type { Random } from '../random.ts';
import type { Body } from './body.ts';
import { tcpFlags, tcpFrame } from './frame.ts';
import { legDelay, type Path, type Sighting, type Stack } from './path.ts';

export type Side = 'client' | 'server';

/** One side says something. */
export type Turn = {
  from: Side;
  body: Body;
  /** Seconds of thinking since the side had received, or itself said, what came before. */
  after?: number;
  /** Not before this many seconds from the start of the conversation. */
  notBefore?: number;
};

/**
 * How a connection opens. `accepted`: three-way handshake. `refused`: a reset answers. `silent`: nobody answers.
 * `probed`: the answer to the SYN is met with a reset, as a half-open scan does.
 */
export type Opening = 'accepted' | 'refused' | 'silent' | 'probed';

/** How it closes; `none`: the capture, or an idle limit, comes first. */
export type Closing = 'client' | 'server' | 'reset' | 'none';

export type Conversation = {
  path: Path;
  ports: { client: number; server: number };
  opening?: Opening;
  turns?: readonly Turn[];
  closing?: Closing;
  /** Seconds from the last word to the closing. */
  closingAfter?: number;
  /** Repetitions of an unanswered SYN. */
  synRepeats?: number;
  random: Random;
};

/** RFC 6928. */
const initialWindowSegments = 10;
const segmentBytesMax = 1_460;
/** Linux's shortest; Windows waits 50 ms. RFC 1122 allows up to 500 ms. */
const delayedAckSeconds = 0.04;
/** Linux's smallest retransmission time-out. */
const retransmitAfterMin = 0.2;
/** No two packets of one side are sent, seen or received at the same microsecond. */
const tick = 0.000_002;

type Sending = {
  side: 0 | 1;
  /** Times in seconds from the start: when it leaves its sender, passes the tap, arrives (never, if lost). */
  sentAt: number;
  seenAt: number;
  arrivesAt: number;
  /** Offset from the initial sequence number; a SYN is 0, data start at 1. */
  offset: number;
  /** Payload bytes; SYN and FIN take one number but no byte. */
  length: number;
  flags: number;
  /** Where in this side's stream of bytes the payload begins: filled with the turn's body. */
  body?: { source: Body; from: number };
  // Filled in by the second walk.
  acknowledges: number;
  echo: number;
};

/** What a side has heard and not yet acknowledged. */
type Debt = { heardAt: number; dueAt: number };

/** The conversation's frames in the order in which the tap sees them. */
export function* converse(conversation: Conversation): Generator<Sighting> {
  const sendings = plan(conversation);
  acknowledge(conversation, sendings);
  yield* write(conversation, sendings);
}

/** When the last frame is seen, in seconds from the start: for those who must know how long it takes. */
export function conversationSeconds(conversation: Conversation): number {
  let last = 0;
  for (const side of plan(conversation)) for (const sending of side) last = Math.max(last, sending.seenAt);
  return last;
}

const scales = ({ path }: Conversation): boolean =>
  path.clientStack.windowShift !== undefined && path.serverStack.windowShift !== undefined;

const usesTimestamps = ({ path }: Conversation): boolean => path.clientStack.timestamps && path.serverStack.timestamps;

function plan(conversation: Conversation): [Sending[], Sending[]] {
  const { path, closing = 'client', turns = [], opening = 'accepted' } = conversation;
  const random = conversation.random.split('timing');
  const sent: [Sending[], Sending[]] = [[], []];
  // Per side: last sending, last sight, last arrival, next offset, congestion window.
  const sentAt = [0, 0];
  const seenAt = [0, 0];
  const arrivedAt = [0, 0];
  const next = [0, 0];
  const congestion = [initialWindowSegments, initialWindowSegments];
  const segmentBytes = segmentBytesMax - (usesTimestamps(conversation) ? 12 : 0);
  const nearDelay = [path.clientDelay, path.serverDelay];
  const rate = [path.upRate, path.downRate];
  const receiver: [Stack, Stack] = [path.serverStack, path.clientStack];
  const roundTrip = 2 * (path.clientDelay + path.serverDelay);

  const send = (
    side: 0 | 1,
    at: number,
    packet: { offset: number; length: number; flags: number; body?: { source: Body; from: number }; lost?: boolean },
  ): Sending => {
    const leaves = Math.max(at, sentAt[side]! + tick);
    const seen = Math.max(seenAt[side]! + tick, leaves + legDelay(nearDelay[side]!, random));
    const arrives = Math.max(arrivedAt[side]! + tick, seen + legDelay(nearDelay[1 - side]!, random));
    sentAt[side] = leaves;
    seenAt[side] = seen;
    if (!packet.lost) arrivedAt[side] = arrives;
    const sending: Sending = {
      side,
      sentAt: leaves,
      seenAt: seen,
      arrivesAt: packet.lost ? Number.POSITIVE_INFINITY : arrives,
      offset: packet.offset,
      length: packet.length,
      flags: packet.flags,
      acknowledges: 0,
      echo: 0,
      ...(packet.body ? { body: packet.body } : {}),
    };
    sent[side].push(sending);
    return sending;
  };
  const soon = (): number => 0.000_02 + random.unit() * 0.000_08;
  const bare = (side: 0 | 1, at: number, flags: number = tcpFlags.ack): Sending =>
    send(side, at, { offset: next[side]!, length: 0, flags });

  // Opening.
  const syn = send(0, 0, { offset: 0, length: 0, flags: tcpFlags.syn });
  if (opening === 'silent') {
    for (let i = 0, at = 0; i < (conversation.synRepeats ?? 0); i++) {
      // One second, then doubled: RFC 6298 §2.1, §5.5.
      at += 2 ** i * (1 + random.unit() * 0.02);
      send(0, at, { offset: 0, length: 0, flags: tcpFlags.syn });
    }
    return sent;
  }
  if (opening === 'refused') {
    send(1, syn.arrivesAt + soon(), { offset: 0, length: 0, flags: tcpFlags.rst | tcpFlags.ack });
    return sent;
  }
  const synAck = send(1, syn.arrivesAt + soon(), { offset: 0, length: 0, flags: tcpFlags.syn | tcpFlags.ack });
  next[0] = 1;
  next[1] = 1;
  if (opening === 'probed') {
    bare(0, synAck.arrivesAt + soon(), tcpFlags.rst);
    return sent;
  }
  const opened = bare(0, synAck.arrivesAt + soon());

  // Talking. `ready` is when each side has heard all so far; `owes` what it heard and must acknowledge at the latest.
  const ready: [number, number] = [opened.sentAt, opened.arrivesAt];
  const owes: [Debt | undefined, Debt | undefined] = [undefined, undefined];

  /** Sends one turn segment by segment, as the window allows; the receiver's acknowledgements are placed on the way. */
  const say = (side: 0 | 1, at: number, source: Body): void => {
    const other = side === 0 ? 1 : 0;
    const first = next[side]!;
    const count = Math.ceil(source.length / segmentBytes);
    const windowBytes = scales(conversation)
      ? receiver[side].windowBytes
      : Math.min(receiver[side].windowSyn, receiver[side].windowBytes);
    const windowSegments = Math.max(2, Math.floor(windowBytes / segmentBytes) - 2);
    const acks: { at: number; upTo: number }[] = [];
    let acksRead = 0;
    let acked = 0;
    let unacked = 0;
    let time = at;
    let heardAt = 0;

    const segment = (index: number, when: number, lost: boolean): Sending => {
      const from = index * segmentBytes;
      const length = Math.min(segmentBytes, source.length - from);
      const flags = tcpFlags.ack | (index === count - 1 ? tcpFlags.psh : 0);
      return send(side, when, { offset: first + from, length, flags, body: { source, from }, lost });
    };

    for (let i = 0; i < count; i++) {
      while (i - acked >= Math.min(congestion[side]!, windowSegments)) {
        const ack = acks[acksRead++];
        if (!ack) throw new Error('A TCP window is full and no acknowledgement is under way.');
        time = Math.max(time, ack.at);
        congestion[side]! += Math.max(0, ack.upTo - acked);
        acked = Math.max(acked, ack.upTo);
      }
      let sending = segment(i, time, i === count - 1 && random.chance(path.loss));
      time = sending.sentAt + ((66 + sending.length) / rate[side]!) * (0.97 + 0.06 * random.unit());
      if (sending.arrivesAt === Number.POSITIVE_INFINITY) {
        sending = segment(i, sending.sentAt + Math.max(retransmitAfterMin, 1.5 * roundTrip), false);
        time = sending.sentAt;
        congestion[side] = initialWindowSegments;
      }
      heardAt = sending.arrivesAt;
      if (++unacked < 2) {
        owes[other] = { heardAt, dueAt: heardAt + delayedAckSeconds + soon() };
        continue;
      }
      unacked = 0;
      owes[other] = undefined;
      // The last acknowledgement may have left so late that it says this already.
      const ack = sentAt[other]! >= heardAt ? sent[other].at(-1)! : bare(other, heardAt + soon());
      acks.push({ at: ack.arrivesAt, upTo: i + 1 });
    }
    next[side] = first + source.length;
    ready[side] = time;
    ready[other] = Math.max(ready[other], heardAt + soon());
  };

  /** A side that is about to speak carries the acknowledgement along, unless it was due before. */
  const settle = (side: 0 | 1, speaksAt: number): void => {
    const debt = owes[side];
    if (debt && debt.dueAt < speaksAt && sentAt[side]! < debt.heardAt) bare(side, debt.dueAt);
    owes[side] = undefined;
  };

  for (const turn of turns) {
    const side = turn.from === 'client' ? 0 : 1;
    const other = side === 0 ? 1 : 0;
    const at = Math.max(ready[side] + (turn.after ?? 0), turn.notBefore ?? 0);
    settle(side, at);
    // The other side's own debt falls due meanwhile, if the first speaks twice.
    if (owes[other] && owes[other].dueAt < at) settle(other, at);
    if (turn.body.length > 0) say(side, at, turn.body);
  }

  // Closing.
  if (closing === 'none') {
    settle(0, Number.POSITIVE_INFINITY);
    settle(1, Number.POSITIVE_INFINITY);
    return sent;
  }
  const side = closing === 'server' ? 1 : 0;
  const other = side === 0 ? 1 : 0;
  const at = ready[side] + (conversation.closingAfter ?? 0.001);
  settle(side, at);
  settle(other, at);
  if (closing === 'reset') {
    bare(side, at, tcpFlags.rst | tcpFlags.ack);
    return sent;
  }
  const fin = bare(side, Math.max(at, ready[side]), tcpFlags.fin | tcpFlags.ack);
  next[side]! += 1;
  let finBack: Sending;
  if (random.chance(0.5)) {
    finBack = bare(other, fin.arrivesAt + soon(), tcpFlags.fin | tcpFlags.ack);
  } else {
    bare(other, fin.arrivesAt + soon());
    finBack = bare(other, fin.arrivesAt + 0.000_2 + random.unit() * 0.002, tcpFlags.fin | tcpFlags.ack);
  }
  next[other]! += 1;
  bare(side, finBack.arrivesAt + soon());
  return sent;
}

const millisecond = (at: number): number => Math.floor(at * 1000);

/** The second walk: what had arrived at a side when it sent each of its packets. */
function acknowledge(conversation: Conversation, sent: [Sending[], Sending[]]): void {
  for (const side of [0, 1] as const) {
    const arrivals = sent[1 - side]!.filter((one) => one.arrivesAt < Number.POSITIVE_INFINITY);
    let read = 0;
    let expected = 0;
    let echo = 0;
    for (const sending of sent[side]) {
      while (read < arrivals.length && arrivals[read]!.arrivesAt <= sending.sentAt) {
        const { offset, length, flags, sentAt } = arrivals[read++]!;
        const end = offset + length + (flags & (tcpFlags.syn | tcpFlags.fin) ? 1 : 0);
        if (offset > expected) throw new Error('A TCP segment arrives before the one in front of it.');
        expected = Math.max(expected, end);
        echo = millisecond(sentAt);
      }
      sending.acknowledges = expected;
      sending.echo = echo;
    }
  }
}

function* write(conversation: Conversation, sent: [Sending[], Sending[]]): Generator<Sighting> {
  const { path, ports } = conversation;
  const random = conversation.random.split('numbers');
  // Who refuses has no sequence of its own and answers with zero (RFC 9293 §3.10.7.1).
  const initial = [random.word(), conversation.opening === 'refused' ? 0 : random.word()];
  const clock = [random.word(), random.word()];
  const identification = [random.whole(0, 0xffff), random.whole(0, 0xffff)];
  const timestamps = usesTimestamps(conversation);
  const stack: [Stack, Stack] = [path.clientStack, path.serverStack];
  const heading = [path.fromClient, path.fromServer] as const;
  const scaled = scales(conversation);
  // Windows offered move a little as the application reads.
  const windowStep = [random.whole(0, 3), random.whole(0, 3)];
  const at = [0, 0];
  for (;;) {
    const a = sent[0][at[0]!];
    const b = sent[1][at[1]!];
    if (!a && !b) return;
    const side: 0 | 1 = a && (!b || a.seenAt <= b.seenAt) ? 0 : 1;
    const sending = sent[side][at[side]!++]!;
    const other = 1 - side;
    const { flags, body } = sending;
    const mine = stack[side];
    const isSyn = (flags & tcpFlags.syn) !== 0;
    const hasAck = (flags & tcpFlags.ack) !== 0;
    const isReset = (flags & tcpFlags.rst) !== 0;
    const options: number[] = [];
    const stamp = (clock[side]! + millisecond(sending.sentAt)) >>> 0;
    const echo = hasAck ? (clock[other]! + sending.echo) >>> 0 : 0;
    if (isSyn) {
      options.push(2, 4, segmentBytesMax >> 8, segmentBytesMax & 0xff);
      const offersSack = mine.sack && (side === 0 || path.clientStack.sack);
      const offersStamps = side === 0 ? mine.timestamps : timestamps;
      const offersScale = mine.windowShift !== undefined && (side === 0 || scaled);
      if (offersStamps) {
        if (offersSack) options.push(4, 2);
        else options.push(1, 1);
        options.push(8, 10, ...bytes32(stamp), ...bytes32(echo));
        if (offersScale) options.push(1, 3, 3, mine.windowShift!);
      } else {
        if (offersScale) options.push(1, 3, 3, mine.windowShift!);
        if (offersSack) options.push(1, 1, 4, 2);
      }
    } else if (timestamps && !isReset) {
      options.push(1, 1, 8, 10, ...bytes32(stamp), ...bytes32(echo));
    }
    let window = Math.min(0xffff, mine.windowSyn);
    if (isReset) window = 0;
    else if (!isSyn && scaled) window = Math.min(0xffff, (mine.windowBytes >> mine.windowShift!) - windowStep[side]!);
    // Linux answers a SYN with identification zero: the packet cannot be a fragment.
    const id = isSyn && hasAck && mine.timestamps ? 0 : identification[side]!++;
    yield {
      t: sending.seenAt,
      bytes: tcpFrame(
        { ...heading[side]!, identification: id },
        {
          ports: side === 0 ? { from: ports.client, to: ports.server } : { from: ports.server, to: ports.client },
          sequence: (initial[side]! + sending.offset) >>> 0,
          acknowledgement: hasAck ? (initial[other]! + sending.acknowledges) >>> 0 : 0,
          flags,
          window,
          options: Uint8Array.from(options),
          payloadBytes: sending.length,
          ...(body
            ? {
                payload: (into: Uint8Array, start: number) =>
                  body.source.copy(into, start, body.from, body.from + sending.length),
              }
            : {}),
        },
      ),
    };
  }
}

const bytes32 = (value: number): [number, number, number, number] => [
  value >>> 24,
  (value >>> 16) & 0xff,
  (value >>> 8) & 0xff,
  value & 0xff,
];
