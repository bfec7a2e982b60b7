/** What the list and the page of one sensor have in common: its state, a small plot, numbers with their units. */

import type { SensorHistoryView } from '@forewarn/model/api';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';
import { stateKeys, type SensorState } from './words.ts';

export function SensorStateMark({ state }: { state: SensorState }) {
  const { t } = useTexts();
  const good = state === 'working';
  return (
    <span className="sensor-state" data-state={good ? 'sending' : state === 'files' ? 'files' : 'silent'}>
      <Icon name={good ? 'check' : state === 'files' ? 'list' : 'alert'} size={14} />
      {t(stateKeys[state])}
    </span>
  );
}

/** Bytes as people say them, by powers of ten. */
export function useBytes(): (bytes: number) => string {
  const { n } = useTexts();
  return (bytes) => {
    const units = ['B', 'kB', 'MB', 'GB', 'TB'];
    let value = bytes;
    let unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return `${n(value, value < 10 && unit > 0 ? 1 : 0)} ${units[unit]}`;
  };
}

export const plot = { width: 120, height: 24, buckets: 40 } as const;

/** Packets as a line, and below it a mark wherever packets were dropped. The numbers stand on the sensor's own page, as a table too. */
export function SmallPlot({ history: data }: { history: SensorHistoryView | undefined }) {
  const { t, n } = useTexts();
  if (data === undefined) return <span className="sensor-plot" />;
  const most = Math.max(1, ...data.packets);
  const step = plot.width / Math.max(1, data.packets.length - 1);
  const floor = plot.height - 4;
  const points = data.packets.map((value, i) => `${(i * step).toFixed(1)},${(floor - (value / most) * (floor - 1)).toFixed(1)}`);
  const packets = data.packets.reduce((a, b) => a + b, 0);
  const dropped = data.dropped.reduce((a, b) => a + b, 0);
  return (
    <svg
      className="sensor-plot"
      width={plot.width}
      height={plot.height}
      role="img"
      aria-label={t('web.sensors.plot', { packets: n(packets), dropped: n(dropped) })}
    >
      <polyline points={points.join(' ')} fill="none" stroke="var(--bar)" strokeWidth="1.5" />
      {data.dropped.map((value, i) =>
        value > 0 ? (
          // A place in the row is all that tells it from the others.
          <rect key={i} x={i * step - 1} y={plot.height - 3} width={3} height={3} fill="var(--bad)" />
        ) : null,
      )}
    </svg>
  );
}
