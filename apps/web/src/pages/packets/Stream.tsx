/** What the two ends of a flow said, turn by turn. Payload is shown as text that does nothing, or as bytes; nothing of it is followed or fetched. */

import { Button, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Empty, Waiting } from '../../frame/Page.tsx';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { usePreference } from '../../session/preferences.ts';
import { bytesOf, dumpOf, textOf } from './payload.ts';
import { streamQuery } from './queries.ts';

export function Stream({ request }: { request: string }) {
  const { t, n } = useTexts();
  const { exact } = useInstants();
  const query = useInfiniteQuery(streamQuery(request));
  const [as, setAs] = usePreference<'text' | 'hex'>('packets.stream', 'text');
  const [only, setOnly] = useState('both');
  const pieces = useMemo(() => {
    const written = { 0: 0, 1: 0 };
    return (query.data?.pages ?? []).flatMap((page) =>
      page.pieces.map((piece) => {
        const bytes = bytesOf(piece.bytes);
        const from = written[piece.direction];
        written[piece.direction] += bytes.length + piece.missing;
        return { ...piece, bytes, from };
      }),
    );
  }, [query.data]);
  const shown = pieces.filter(({ direction }) => only === 'both' || String(direction) === only);
  return (
    <Waiting query={query}>
      {(data) => {
        const { originator, responder, transport } = data.pages[0]!;
        if (pieces.length === 0)
          return (
            <Empty icon="packets" title={t('web.packets.stream.none')}>
              {t(transport === 'other' ? 'web.packets.stream.other' : 'web.packets.stream.empty')}
            </Empty>
          );
        const names = { 0: originator, 1: responder };
        return (
          <div className="stream">
            <div className="stream-tools">
              <SegmentedControl
                aria-label={t('web.packets.stream.who')}
                value={only}
                onChange={setOnly}
                data={[
                  { value: 'both', label: t('web.packets.stream.both') },
                  { value: '0', label: `→ ${originator}` },
                  { value: '1', label: `← ${responder}` },
                ]}
              />
              <SegmentedControl
                aria-label={t('web.packets.stream.as')}
                value={as}
                onChange={(value) => setAs(value as typeof as)}
                data={[
                  { value: 'text', label: t('web.packets.stream.text') },
                  { value: 'hex', label: t('web.packets.stream.hex') },
                ]}
              />
            </div>
            <ol className="stream-turns" aria-label={t('web.packets.stream')}>
              {shown.map(({ direction, ts, bytes, missing, from }, index) => {
                const same = shown[index - 1]?.direction === direction && transport === 'tcp';
                return (
                  <li key={`${direction} ${from} ${missing}`} data-direction={direction}>
                    <p className={same ? 'visually-hidden' : 'stream-who'}>
                      <span aria-hidden="true">{direction === 0 ? '→' : '←'}</span>{' '}
                      {t(direction === 0 ? 'web.packets.fromOriginator' : 'web.packets.fromResponder')}{' '}
                      <span className="mono">{names[direction]}</span> <span className="dim tabular">{exact(ts)}</span>
                    </p>
                    {missing > 0 ? (
                      <p className="stream-missing">{t('web.packets.stream.missing', { bytes: n(missing) })}</p>
                    ) : (
                      <pre dir="ltr">{as === 'hex' ? dumpOf(bytes, from) : textOf(bytes)}</pre>
                    )}
                  </li>
                );
              })}
            </ol>
            {query.hasNextPage ? (
              <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {t('web.packets.stream.more')}
              </Button>
            ) : (
              <p className="dim small">{t('web.packets.stream.end')}</p>
            )}
          </div>
        );
      }}
    </Waiting>
  );
}
