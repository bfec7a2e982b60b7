/** The packets of one flow: the list, one packet in layers and bytes, what the two ends said; or why there are none and what to do. */

import type { PacketRequestView } from '@forewarn/model/api';
import type { PacketView } from '@forewarn/model/packet';
import { Button, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { keepView } from '../../frame/keep.ts';
import { ItemHead, type Up } from '../../frame/ItemHead.tsx';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { usePreference } from '../../session/preferences.ts';
import { useBytes } from '../sensors/parts.tsx';
import { PacketBytes } from './PacketBytes.tsx';
import { PacketList } from './PacketList.tsx';
import { PacketTree } from './PacketTree.tsx';
import { bytesOf } from './payload.ts';
import { packetPageQuery, packetQuery, packetRequestQuery } from './queries.ts';
import { markedAt, rangeOf, sameIn, type Marked } from './selection.ts';
import { Stream } from './Stream.tsx';

export function Packets() {
  const { t } = useTexts();
  const { id } = useParams({ strict: false }) as { id: string };
  const search = useSearch({ strict: false }) as { tab?: string };
  const navigate = useNavigate();
  const query = useQuery(packetRequestQuery(id));
  const request = query.data;
  const up = useUp(request);
  const ready = request?.state === 'ready';
  const tab = search.tab === 'stream' ? 'stream' : 'packets';
  return (
    <Page
      title={t('web.packets.title', { uid: request?.flow.uid ?? '' })}
      fill={ready && tab === 'packets'}
      heading={
        <ItemHead
          up={up}
          title={
            <>
              {t('web.packets')} {request === undefined ? null : <Ends request={request} />}
            </>
          }
        />
      }
      tools={
        ready ? (
          <>
            <SegmentedControl
              aria-label={t('web.packets.as')}
              value={tab}
              onChange={(next) =>
                void navigate({
                  to: '.',
                  replace: true,
                  search: ((previous: Record<string, unknown>) => ({
                    ...previous,
                    tab: next === 'stream' ? 'stream' : undefined,
                  })) as never,
                })
              }
              data={[
                { value: 'packets', label: t('web.packets') },
                { value: 'stream', label: t('web.packets.stream') },
              ]}
            />
            <Button
              component="a"
              variant="default"
              href={`/api/v1/packet-requests/${encodeURIComponent(id)}/pcap`}
              download
              leftSection={<Icon name="download" />}
            >
              {t('web.packets.download')}
            </Button>
          </>
        ) : undefined
      }
    >
      <Waiting query={query}>
        {(asked) => (
          <>
            <About request={asked} />
            {asked.state === 'ready' ? (
              tab === 'stream' ? (
                <Stream request={id} />
              ) : (
                <Dissected request={id} />
              )
            ) : (
              <WhyNot request={asked} />
            )}
          </>
        )}
      </Waiting>
    </Page>
  );
}

/** Back to what the packets were asked for. */
function useUp(request: PacketRequestView | undefined): Up {
  const { t } = useTexts();
  if (request?.incident) return { to: '/incidents/$id', params: { id: request.incident }, name: t('web.packets.incident') };
  if (request?.finding) return { to: '/findings/$id', params: { id: request.finding }, name: t('web.packets.finding') };
  return { to: '/findings', name: t('web.page.findings') };
}

/** `10.0.0.1:50000 → 10.0.0.2:443`, or the uid where the record has no ends. */
function Ends({ request: { flow } }: { request: PacketRequestView }) {
  const { originator, responder, uid } = flow;
  const end = ({ address, port }: { address: string; port: number | null }) =>
    port === null ? address : address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return (
    <span className="mono packets-ends">
      {originator === null || responder === null ? uid : `${end(originator)} → ${end(responder)}`}
    </span>
  );
}

/** What was asked, why, and how whole the answer is. */
function About({ request }: { request: PacketRequestView }) {
  const { t, w, n } = useTexts();
  const bytes = useBytes();
  const ready = request.state === 'ready';
  return (
    <div className="packets-about">
      <p className="dim">
        {ready && request.packets !== null ? (
          <span className="tabular">
            {t('web.packets.count', { packets: n(request.packets), bytes: bytes(request.bytes ?? 0) })}
          </span>
        ) : null}
        {request.flow.proto === null ? null : (
          <span className="mono">
            {request.flow.proto}
            {request.flow.service === null ? '' : ` · ${request.flow.service}`}
          </span>
        )}
        <Link to="/traffic/flow/$uid" params={{ uid: request.flow.uid }} search={keepView} className="mono">
          {request.flow.uid}
        </Link>
        {request.link === null ? null : (
          <Link to="/links/$id" params={{ id: request.link }} search={keepView} className="mono">
            {request.link}
          </Link>
        )}
        {ready && request.keptUntil !== null ? (
          <span>
            {t('web.packets.keptUntil')} <At at={request.keptUntil} />
          </span>
        ) : null}
        {request.purpose === '' ? null : <span>{t('web.packets.for', { purpose: request.purpose })}</span>}
      </p>
      {ready && request.partial.length > 0 ? (
        <div className="packets-partial" role="note">
          <Icon name="alert" size={16} />
          <p>
            <strong>{t('web.packets.partial')}</strong>
            {request.partial.map((words) => (
              <span key={words.text}> {w(words)}</span>
            ))}
          </p>
        </div>
      ) : null}
    </div>
  );
}

function WhyNot({ request }: { request: PacketRequestView }) {
  const { t, w } = useTexts();
  const navigate = useNavigate();
  const act = useAct<PacketRequestView>(['packet-request', 'packet-requests'], ({ id }) => {
    void navigate({ to: '/packets/$id', params: { id }, search: keepView });
  });
  if (request.state === 'waiting')
    return (
      <div className="packets-waiting" role="status">
        <span className="packets-spinner" aria-hidden="true" />
        <div>
          <p className="empty-title">{t('web.packets.waiting', { sensor: request.sensor })}</p>
          <p className="empty-text">{t('web.packets.waiting.means')}</p>
        </div>
      </div>
    );
  const { log, uid } = request.flow;
  return (
    <div className="packets-why">
      <Empty
        icon="not"
        title={request.reason === null ? t('web.packets.failed') : w(request.reason)}
        action={
          <div className="packets-acts">
            <Button
              variant="default"
              loading={act.isPending}
              onClick={() =>
                act.mutate({
                  method: 'POST',
                  path: '/packet-requests',
                  body: {
                    log,
                    uid,
                    purpose: request.purpose,
                    ...(request.finding === null ? { incident: request.incident } : { finding: request.finding }),
                  },
                })
              }
            >
              {t('web.packets.again')}
            </Button>
            {request.link === null ? null : (
              <Link to="/links/$id" params={{ id: request.link }} search={keepView}>
                {t('web.packets.toLink')}
              </Link>
            )}
            <Link to="/sensors/$id" params={{ id: request.sensor }} search={keepView}>
              {t('web.packets.toSensor')}
            </Link>
          </div>
        }
      >
        {request.advice === null ? undefined : w(request.advice)}
      </Empty>
    </div>
  );
}

/** Folded unless somebody unfolds them: what every packet of a flow has alike. */
const closedAtFirst: readonly string[] = ['frame', 'eth', 'vlan', 'sll', 'ip', 'ipv6'];

function Dissected({ request }: { request: string }) {
  const { t } = useTexts();
  const search = useSearch({ strict: false }) as { n?: string };
  const navigate = useNavigate();
  const first = useQuery(packetPageQuery(request, 0));
  const total = first.data?.total ?? 0;
  const chosen = Math.min(Math.max(1, Math.trunc(Number(search.n ?? 1)) || 1), Math.max(1, total));
  const one = useQuery({ ...packetQuery(request, chosen), enabled: total > 0 });
  return (
    <Waiting query={first}>
      {(list) =>
        list.total === 0 ? (
          <Empty icon="packets" title={t('web.packets.empty')} />
        ) : (
          <div className="packets">
            <PacketList
              request={request}
              total={list.total}
              firstTs={list.items[0]?.ts ?? 0}
              chosen={chosen}
              choose={(number) =>
                void navigate({
                  to: '.',
                  replace: true,
                  search: ((previous: Record<string, unknown>) => ({
                    ...previous,
                    n: number === 1 ? undefined : String(number),
                  })) as never,
                })
              }
            />
            <section
              className="packet-detail"
              aria-label={t('web.packets.packet', { number: chosen })}
              aria-busy={one.isFetching}
            >
              {one.data === undefined ? null : <Detail packet={one.data} />}
            </section>
          </div>
        )
      }
    </Waiting>
  );
}

function Detail({ packet }: { packet: PacketView }) {
  const { layers } = packet;
  const bytes = useMemo(() => bytesOf(packet.bytes), [packet.bytes]);
  const [marked, setMarked] = useState<Marked | null>(null);
  const [closed, setClosed] = usePreference<readonly string[]>('packets.closed', closedAtFirst);
  const closedNow = useMemo(() => new Set(closed), [closed]);
  // The mark goes with the reader from packet to packet.
  const before = useRef(layers);
  useEffect(() => {
    if (before.current === layers) return;
    const old = before.current;
    before.current = layers;
    setMarked((mark) => sameIn(layers, old, mark));
  }, [layers]);
  const fold = (name: string, folded: boolean) =>
    setClosed(folded ? [...closed.filter((each) => each !== name), name] : closed.filter((each) => each !== name));
  return (
    <>
      <PacketTree layers={layers} marked={marked} mark={setMarked} closed={closedNow} setClosed={fold} />
      <PacketBytes
        bytes={bytes}
        range={rangeOf(layers, marked)}
        pick={(at) => {
          const found = markedAt(layers, at);
          const layer = found === null ? undefined : layers[found.layer];
          if (layer !== undefined && closedNow.has(layer.name)) fold(layer.name, false);
          setMarked(found);
        }}
      />
    </>
  );
}
