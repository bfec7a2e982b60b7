/** The one range of time, with its zone in sight. */

import { Button, Checkbox, Popover, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { Icon } from '../look/icons.tsx';
import { serverNow } from '../session/clock.ts';
import { instantOfField, useInstants, useSpan, writeField, zoneName, type Zone } from '../session/instants.ts';
import { useTexts } from '../session/language.tsx';
import { quickRanges, readRange, writeBetween } from '../session/range.ts';
import { useRange, useSetView, type ResolvedRange } from '../session/view.ts';

export function TimeRange() {
  const { t } = useTexts();
  const span = useSpan();
  const instants = useInstants();
  const view = useRange();
  const [opened, setOpened] = useState(false);
  const { zone } = instants;
  const label =
    view.range.kind === 'last'
      ? t('web.range.last', { span: span(view.range.seconds) })
      : `${instants.short(view.fromMs)} – ${view.range.to === 'now' ? t('web.range.now') : instants.short(view.toMs)}`;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          data-time-range
          className="time-range"
          aria-haspopup="dialog"
          aria-expanded={opened}
          title={`${instants.full(view.fromMs)} – ${instants.full(view.toMs)} ${zoneName(zone)}`}
          onClick={() => setOpened(!opened)}
        >
          <Icon name="clock" />
          <span className="visually-hidden">{t('web.range.title')}: </span>
          <span>{label}</span>
          <span className="dim">{zoneName(zone)}</span>
          <Icon name="down" size={12} />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="range-dropdown" aria-label={t('web.range.title')}>
        {opened ? <RangeForm key={view.text + zone} view={view} zone={zone} close={() => setOpened(false)} /> : null}
      </Popover.Dropdown>
    </Popover>
  );
}

function RangeForm({ view, zone, close }: { view: ResolvedRange; zone: Zone; close: () => void }) {
  const { t } = useTexts();
  const span = useSpan();
  const setView = useSetView();
  const [from, setFrom] = useState(() => writeField(view.fromMs, zone));
  const [to, setTo] = useState(() => writeField(view.toMs, zone));
  const [pinned, setPinned] = useState(view.range.kind === 'last' || view.range.to === 'now');
  const fromMs = Date.parse(instantOfField(from, zone) ?? '');
  const toMs = pinned ? serverNow() : Date.parse(instantOfField(to, zone) ?? '');
  const wrong = Number.isNaN(fromMs) || Number.isNaN(toMs) || fromMs >= toMs;
  return (
    <>
      <div className="range-quick" role="group" aria-label={t('web.range.quick')}>
        {quickRanges.map((text) => {
          const range = readRange(text);
          return (
            <button
              key={text}
              type="button"
              className="chip"
              aria-pressed={view.text === text}
              onClick={() => {
                setView({ range: text });
                close();
              }}
            >
              {range.kind === 'last' ? span(range.seconds) : text}
            </button>
          );
        })}
      </div>
      <form
        className="range-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (wrong) return;
          setView({ range: writeBetween(fromMs, pinned ? 'now' : toMs) });
          close();
        }}
      >
        <label>
          <span>{t('web.range.from')}</span>
          <input type="datetime-local" step="1" value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
        </label>
        <label>
          <span>{t('web.range.to')}</span>
          <input
            type="datetime-local"
            step="1"
            value={to}
            disabled={pinned}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
        </label>
        <Checkbox
          size="xs"
          label={t('web.range.pinned')}
          checked={pinned}
          onChange={(event) => setPinned(event.currentTarget.checked)}
        />
        <div className="row-between">
          <SegmentedControl
            aria-label={t('web.range.zone')}
            value={zone}
            data={[
              {
                value: 'local',
                label: zoneName('local') === 'UTC+0' ? t('web.range.local') : `${t('web.range.local')} ${zoneName('local')}`,
              },
              { value: 'utc', label: 'UTC' },
            ]}
            onChange={(value) => setView({ zone: value as Zone })}
          />
          <Button type="submit" disabled={wrong}>
            {t('web.apply')}
          </Button>
        </div>
        {wrong ? <p className="field-error">{t('web.range.wrong')}</p> : null}
      </form>
    </>
  );
}
