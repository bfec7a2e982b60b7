/**
 * The carrier desk: brings notices that wait to their endpoints. An attempt is written down before it is made, so that a kill in the middle of
 * it makes a message late or double (receivers know it by its id), never lost and never endless. Nothing is awaited inside a transaction.
 *
 *     notice (in the sender's transaction) → deliveries → attempt … wait … attempt → sent, or given up and told
 */

import { waitAfter } from '@forewarn/share/channels/backoff';
import { digestMax, mailOf, testMail } from '@forewarn/share/channels/mail';
import { declaredNetwork, webhookUrl } from '@forewarn/share/channels/reach';
import { signed, testBody, webhookBody } from '@forewarn/share/channels/webhook';
import { seal, unseal } from '@forewarn/guard/secrets';
import type { ChannelTrouble } from '@forewarn/model/channel';
import { channelSettings, findEndpoint, type ChannelSettings, type Endpoint } from '@forewarn/store/resources/channels';
import {
  beginAttempt,
  deliveriesDue,
  endAttempt,
  endpointsDue,
  forgetNotices,
  giveUpOld,
  markEndpoint,
  nextDeliveryAt,
  spreadNotices,
  type Due,
} from '@forewarn/store/resources/deliveries';
import { act } from '../act.ts';
import type { Center } from '../center-parts.ts';
import { createMailCarrier, postWebhook, type Carried } from './carriers.ts';
import { domainOfCentre, speakerIn, toldOf } from './telling.ts';

export type NoticeDesk = {
  /** Looks from now on, whether or not somebody wakes it. */
  start(): void;
  /** Something was committed. */
  wake(): void;
  /** Resolves when all that is due now was tried. */
  settled(): Promise<void>;
  /** Shows that an endpoint can be reached: a test message, or `code` by mail. Null when it arrived. */
  prove(endpoint: Endpoint, code?: string): Promise<ChannelTrouble | null>;
  /** Seals a secret of the endpoint or setting with this id. */
  seal(id: string, text: string): string;
  unseal(id: string, sealed: string): string;
  close(): Promise<void>;
};

/** Endpoints served at once: one that hangs for its fifteen seconds holds up a quarter of the others. */
const atOnce = 4;

/** Endpoints of one look; the others follow in the next. */
const lookMax = 100;

/** Messages to one endpoint before the others have their turn. */
const turnMax = 200;

/** What nobody woke us for is looked at within this time. */
const sleepMsMax = 15_000;
const sleepMsMin = 250;

/** While an attempt runs nobody else makes it: longer than any takes. */
const leaseSeconds = 120;

/** After so long a warning is news no more; the workbench has it. */
const lateSeconds = 86_400;

/** When all attempts of a message failed, the next one is tried after this time. */
const quietSeconds = 3_600;

/** What became of notices is kept as long as audits of a year look back. */
const keepSeconds = 400 * 86_400;
const forgetEveryMs = 3_600_000;
const forgetAtOnce = 2_000;

const tooLate: ChannelTrouble = { code: 'too-late', text: { text: 'channels.trouble.too-late' } };
const noRelay: Carried = {
  ok: false,
  permanent: false,
  trouble: { code: 'no-relay', text: { text: 'channels.trouble.no-relay' } },
};

export const relayId = 'relay';

export function createNoticeDesk(
  centre: () => Center,
  { key, random }: { key: Uint8Array; random: (bytes: number) => Uint8Array },
): NoticeDesk {
  const stop = new AbortController();
  const mail = createMailCarrier(stop.signal);
  const life = { closed: false };
  let again = false;
  let working: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let forgetting: NodeJS.Timeout | undefined;
  let started = false;

  const purpose = (id: string): string => `channel:${id}`;
  const open = (id: string, sealed: string): string =>
    Buffer.from(unseal({ key, purpose: purpose(id) }, sealed)).toString('utf8');

  function relayOf({ relay }: ChannelSettings) {
    return relay && { ...relay, password: relay.password === null ? null : open(relayId, relay.password) };
  }

  async function sendMail(
    settings: ChannelSettings,
    endpoint: Endpoint,
    make: (domain: string) => ReturnType<typeof mailOf>,
  ): Promise<Carried> {
    const relay = relayOf(settings);
    return relay ? mail.send(relay, endpoint.address, make(domainOfCentre(settings))) : noRelay;
  }

  async function post(settings: ChannelSettings, endpoint: Endpoint, body: string, id: string): Promise<Carried> {
    const url = webhookUrl(endpoint.address);
    if (!url || endpoint.secret === null) throw new Error(`The webhook ${endpoint.id} has no address or no secret.`);
    const request = signed(body, { id, at: centre().clock.now(), secret: open(endpoint.id, endpoint.secret) });
    return postWebhook(
      url,
      request,
      settings.privateNetworks.flatMap((text) => declaredNetwork(text) ?? []),
      stop.signal,
    );
  }

  async function send(settings: ChannelSettings, endpoint: Endpoint, due: readonly Due[]): Promise<Carried> {
    const center = centre();
    const index = await center.estate.index();
    const told = due.map((one) => toldOf(one, { index, settings, demo: center.demo }));
    const { language, whole } = endpoint.terms;
    const speaker = speakerIn(center, language);
    if (endpoint.kind === 'mail') return sendMail(settings, endpoint, (domain) => mailOf(told, { speaker, domain, whole }));
    const body = webhookBody(told, { speaker, whole, at: center.clock.now() });
    return post(settings, endpoint, body, due.length === 1 ? due[0]!.notice : `digest-${due[0]!.notice}`);
  }

  /** One message to one endpoint. Whether to go on with it. */
  async function deliverNext(settings: ChannelSettings, endpoint: Endpoint): Promise<boolean> {
    const { database, clock, log } = centre();
    const due = await database.system((tx) => deliveriesDue(tx, endpoint.id, clock.now(), digestMax));
    const [first] = due;
    if (!first) return false;
    const batch = first.pace === 'digest' ? due.filter(({ pace }) => pace === 'digest') : [first];
    const notices = batch.map(({ notice }) => notice);
    const attempts = Math.max(...batch.map((one) => one.attempts)) + 1;
    await database.system((tx) => beginAttempt(tx, endpoint.id, notices, clock.now() + leaseSeconds));
    const carried = await send(settings, endpoint, batch).catch((fault: unknown): Carried => {
      log.error({ err: fault, endpoint: endpoint.id }, 'a notice could not be carried by our own fault');
      return { ok: false, permanent: false, trouble: { code: 'failed', text: { text: 'channels.trouble.failed' } } };
    });
    const at = clock.now();
    if (carried.ok) {
      await database.system(async (tx) => {
        await endAttempt(tx, endpoint.id, notices, { state: 'sent', at, trouble: null, again: at });
        await markEndpoint(tx, endpoint.id, { sentAt: at, quietUntil: 0, trouble: null });
      });
      return true;
    }
    const { trouble, permanent } = carried;
    const wait = permanent ? undefined : waitAfter(attempts, random(1)[0]! / 256);
    if (wait !== undefined) {
      await database.system(async (tx) => {
        await endAttempt(tx, endpoint.id, notices, { state: 'waiting', at, trouble, again: at + wait });
        const given = endpoint.trouble?.givenUp ?? 0;
        await markEndpoint(tx, endpoint.id, { sentAt: null, quietUntil: at + wait, trouble: { ...trouble, at, givenUp: given } });
      });
      return false;
    }
    await database.system((tx) => endAttempt(tx, endpoint.id, notices, { state: 'given-up', at, trouble, again: at }));
    await giveUp(endpoint, trouble, notices.length, permanent ? 0 : at + quietSeconds);
    return permanent;
  }

  /** Stands in the audit of whose endpoint it is: what was given up is for its people to know. */
  async function giveUp(endpoint: Endpoint, trouble: ChannelTrouble, count: number, quietUntil: number): Promise<void> {
    const center = centre();
    const at = center.clock.now();
    // Several in a row: what was given up before counts on.
    const now = await center.database.system((tx) => findEndpoint(tx, endpoint.id));
    const givenUp = (now?.trouble?.givenUp ?? 0) + count;
    await center.database.system((tx) =>
      markEndpoint(tx, endpoint.id, { sentAt: null, quietUntil, trouble: { ...trouble, at, givenUp } }),
    );
    await act(center, null, async (acting) => {
      acting.audit('channel.give-up', `channel/${endpoint.id}`, { count, trouble: trouble.code }, endpoint.organisation);
    });
    center.log.warn(
      { endpoint: endpoint.id, organisation: endpoint.organisation, count, trouble: trouble.code },
      'notices given up',
    );
  }

  async function serve(endpoint: Endpoint, settings: ChannelSettings): Promise<void> {
    const { database, clock } = centre();
    const at = clock.now();
    const old = await database.system((tx) => giveUpOld(tx, endpoint.id, { since: at - lateSeconds, at, trouble: tooLate }));
    if (old > 0) await giveUp(endpoint, endpoint.trouble ?? tooLate, old, 0);
    for (let turn = 0; turn < turnMax && !life.closed; turn++) if (!(await deliverNext(settings, endpoint))) return;
  }

  async function carry(): Promise<void> {
    do {
      again = false;
      const { database, clock } = centre();
      while (!life.closed && (await database.system(spreadNotices)));
      const seen = await database.system(async (tx) => ({
        endpoints: await endpointsDue(tx, clock.now(), lookMax),
        settings: await channelSettings(tx),
      }));
      const waiting = [...seen.endpoints];
      if (waiting.length > 0) again = true;
      const served = Array.from({ length: atOnce }, async () => {
        for (let endpoint = waiting.shift(); endpoint && !life.closed; endpoint = waiting.shift())
          await serve(endpoint, seen.settings);
      });
      await Promise.all(served);
    } while (again && !life.closed);
  }

  async function sleep(): Promise<void> {
    clearTimeout(timer);
    if (life.closed || !started) return;
    const { database, clock } = centre();
    const next = await database.system(nextDeliveryAt).catch(() => null);
    const ms = next === null ? sleepMsMax : (next - clock.now()) * 1000;
    clearTimeout(timer);
    if (!life.closed) timer = setTimeout(() => void work(), Math.min(sleepMsMax, Math.max(sleepMsMin, ms)));
  }

  function work(): Promise<void> {
    again = true;
    working ??= carry()
      .catch((fault: unknown) => void (life.closed || centre().log.error({ err: fault }, 'notices could not be carried')))
      .finally(() => {
        working = undefined;
        void sleep();
      });
    return working;
  }

  async function forget(): Promise<void> {
    const { database, clock } = centre();
    while (
      !life.closed &&
      (await database.system((tx) => forgetNotices(tx, clock.now() - keepSeconds, forgetAtOnce))) === forgetAtOnce
    );
  }

  return {
    start() {
      started = true;
      forgetting = setInterval(
        () =>
          void forget().catch(
            (fault: unknown) => life.closed || centre().log.error({ err: fault }, 'old notices could not be removed'),
          ),
        forgetEveryMs,
      );
      void work();
    },
    // Before the start nobody listens: what is queued meanwhile is found then.
    wake: () => void (life.closed || !started || work()),
    settled: () => work(),
    async prove(endpoint, code) {
      const center = centre();
      const settings = await center.database.system(channelSettings);
      const { clock } = center;
      const id = `test-${Buffer.from(random(12)).toString('hex')}`;
      const carried =
        endpoint.kind === 'mail'
          ? await sendMail(settings, endpoint, (domain) =>
              testMail(code, { speaker: speakerIn(center, endpoint.terms.language), domain, id }),
            )
          : await post(settings, endpoint, testBody(clock.now()), id);
      return carried.ok ? null : carried.trouble;
    },
    seal: (id, text) => seal({ key, purpose: purpose(id), random }, Buffer.from(text)),
    unseal: open,
    async close() {
      life.closed = true;
      // What is on its way is tried again after the next start.
      stop.abort();
      clearTimeout(timer);
      clearInterval(forgetting);
      mail.close();
      await working;
    },
  };
}
