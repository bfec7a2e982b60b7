/**
 * Fields for an instant, and for a day. They are typed in the zone that the workbench shows, which stands beside their name; what they give is an
 * instant. What was not typed anew stays to the millisecond.
 */

import { TextInput, type TextInputProps } from '@mantine/core';
import { endOfDay, instantOfField, useInstants, writeField, zoneName } from '../session/instants.ts';

type Props = Omit<TextInputProps, 'type' | 'step' | 'value' | 'onChange' | 'label'> & {
  label: string;
  /** As the API writes it; null: none is given. */
  value: string | null;
  set: (value: string | null) => void;
};

export function InstantInput({
  label,
  value,
  set,
  seconds = false,
  ...rest
}: Props & { /** Whether seconds are typed as well. */ seconds?: boolean }) {
  const { zone } = useInstants();
  const text = value === null ? '' : writeField(Date.parse(value), zone);
  return (
    <TextInput
      {...rest}
      type="datetime-local"
      step={seconds ? 1 : undefined}
      label={<Zoned label={label} />}
      value={seconds ? text : text.slice(0, 16)}
      onChange={(event) => set(instantOfField(event.currentTarget.value, zone))}
    />
  );
}

/** A day, which is meant with all of its hours: the instant is its last second. */
export function DayInput({ label, value, set, ...rest }: Props) {
  const { zone } = useInstants();
  return (
    <TextInput
      {...rest}
      type="date"
      label={<Zoned label={label} />}
      value={value === null ? '' : writeField(Date.parse(value), zone).slice(0, 10)}
      onChange={(event) => set(endOfDay(event.currentTarget.value, zone))}
    />
  );
}

function Zoned({ label }: { label: string }) {
  const { zone } = useInstants();
  return (
    <>
      {label} <span className="dim">{zoneName(zone)}</span>
    </>
  );
}
