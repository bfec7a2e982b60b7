/** A field for an instant. It is typed in the zone that the workbench shows, which stands beside its name; what it gives is an instant. */

import { TextInput, type TextInputProps } from '@mantine/core';
import { instantOfField, useInstants, writeField, zoneName } from '../session/instants.ts';

export function InstantInput({
  label,
  value,
  set,
  seconds = false,
  ...rest
}: Omit<TextInputProps, 'type' | 'step' | 'value' | 'onChange' | 'label'> & {
  label: string;
  /** As the API writes it; null: none is given. What was not typed anew stays to the millisecond. */
  value: string | null;
  set: (value: string | null) => void;
  /** Whether seconds are typed as well. */
  seconds?: boolean;
}) {
  const { zone } = useInstants();
  const text = value === null ? '' : writeField(Date.parse(value), zone);
  return (
    <TextInput
      {...rest}
      type="datetime-local"
      step={seconds ? 1 : undefined}
      label={
        <>
          {label} <span className="dim">{zoneName(zone)}</span>
        </>
      }
      value={seconds ? text : text.slice(0, 16)}
      onChange={(event) => set(instantOfField(event.currentTarget.value, zone))}
    />
  );
}
