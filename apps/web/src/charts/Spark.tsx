/** A small line without axes, for a row of a table. What it shows stands with its numbers on the page that the row leads to. */

const size = { width: 120, height: 24 } as const;

export function Spark({ values, label }: { values: readonly number[]; label: string }) {
  const most = Math.max(1, ...values);
  const step = size.width / Math.max(1, values.length - 1);
  const floor = size.height - 2;
  const points = values.map((value, i) => `${(i * step).toFixed(1)},${(floor - (value / most) * (floor - 1)).toFixed(1)}`);
  return (
    <svg className="sensor-plot" width={size.width} height={size.height} role="img" aria-label={label}>
      <polyline points={points.join(' ')} fill="none" stroke="var(--bar)" strokeWidth="1.5" />
    </svg>
  );
}
