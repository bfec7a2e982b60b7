/** What a link weighs: the number, its parts, the services that pass it, and what a person set in its place. */

import type { LinkDetail, LinkWeightView } from '@forewarn/model/api';
import { Button, Modal, NumberInput, Radio, Textarea } from '@mantine/core';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { Empty, Panel } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { useBits } from './parts.tsx';

type WeightPart = LinkWeightView['parts'][number];

const partKeys = {
  betweenness: { name: 'web.weight.betweenness', means: 'web.weight.betweenness.means' },
  capacity: { name: 'web.weight.capacity', means: 'web.weight.capacity.means' },
  criticality: { name: 'web.weight.criticality', means: 'web.weight.criticality.means' },
  singleness: { name: 'web.weight.singleness', means: 'web.weight.singleness.means' },
} as const;

const confidenceKeys = { H: 'web.weight.sure.h', M: 'web.weight.sure.m', U: 'web.weight.sure.u' } as const;

/** 0 to 1 as a number with a bar; the bar says nothing that the number does not. */
export function WeightBar({ value, set = false }: { value: number; set?: boolean }) {
  const { t } = useTexts();
  return (
    <span className="weight-bar">
      <span className="tabular">{value.toFixed(2)}</span>
      <span className="weight-track" aria-hidden>
        <span style={{ inlineSize: `${Math.round(value * 100)}%` }} data-set={set || undefined} />
      </span>
      {set ? <span className="dim small">{t('web.weight.setMark')}</span> : null}
    </span>
  );
}

export const isSet = (weight: LinkWeightView): boolean => weight.set !== null && weight.set.weight !== null;

export function WeightPanel({ link }: { link: LinkDetail }) {
  const { t, l, n } = useTexts();
  const { full } = useInstants();
  const actor = useActorName();
  const may = useMay();
  const bits = useBits();
  const [setting, setSetting] = useState(false);
  const { weight } = link;
  if (weight === null) {
    return (
      <Panel title={t('web.weight')}>
        <Empty icon="link" title={t('web.weight.none')} />
      </Panel>
    );
  }
  const found = ({ part, found: value }: WeightPart): string =>
    part === 'capacity'
      ? bits(value)
      : part === 'betweenness'
        ? t('web.weight.pairs', { count: n(value, 1) })
        : part === 'singleness'
          ? t('web.weight.ways', { count: n(value) })
          : n(value, 2);
  return (
    <Panel
      title={t('web.weight')}
      count={n(weight.value, 2)}
      tools={
        may('links:write') ? (
          <Button variant="default" size="xs" onClick={() => setSetting(true)}>
            {t('web.weight.set')}
          </Button>
        ) : undefined
      }
    >
      <p className="prose dim">
        {t('web.weight.means')} {t(confidenceKeys[weight.rules.confidence], { version: weight.rules.version })}
      </p>
      {weight.set === null ? null : (
        <p className="prose" role="note">
          {weight.set.weight === null
            ? t('web.weight.takenBack', { by: actor(weight.set.by), at: full(weight.set.at), reason: weight.set.reason })
            : t('web.weight.setBy', {
                weight: n(weight.set.weight, 2),
                computed: n(weight.computed, 2),
                by: actor(weight.set.by),
                at: full(weight.set.at),
                reason: weight.set.reason,
              })}
        </p>
      )}
      <Table
        label={t('web.weight.parts')}
        rows={weight.parts}
        keyOf={({ part }) => part}
        form="still"
        columns={[
          {
            head: t('web.weight.part'),
            main: true,
            cell: ({ part }) => (
              <>
                {t(partKeys[part].name)}
                <div className="dim small">{t(partKeys[part].means)}</div>
              </>
            ),
          },
          { head: t('web.weight.found'), number: true, cell: found },
          { head: t('web.weight.scaled'), number: true, cell: ({ scaled }) => n(scaled, 2) },
          { head: t('web.weight.share'), number: true, cell: ({ share }) => n(share, 2) },
          { head: t('web.weight.points'), cell: ({ points }) => <WeightBar value={points} /> },
        ]}
      />
      <h3 className="link-sub">{t('web.weight.carries')}</h3>
      {weight.carries.length === 0 ? (
        <p className="prose dim">{t('web.weight.carries.none')}</p>
      ) : (
        <ul className="weight-carries">
          {weight.carries.map(({ business, name, criticality, share }) => (
            <li key={business}>
              {t('web.weight.carried', { name: l(name), share: n(share * 100), criticality: n(criticality, 1) })}
            </li>
          ))}
        </ul>
      )}
      {weight.others === 0 ? null : <p className="prose dim">{t('web.weight.others', { count: n(weight.others) })}</p>}
      {setting ? <WeightForm link={link} weight={weight} close={() => setSetting(false)} /> : null}
    </Panel>
  );
}

function WeightForm({ link, weight, close }: { link: LinkDetail; weight: LinkWeightView; close: () => void }) {
  const { t, n } = useTexts();
  const [by, setBy] = useState<'person' | 'rules'>('person');
  const [value, setValue] = useState<string | number>(Math.round(weight.value * 100) / 100);
  const [reason, setReason] = useState('');
  const act = useAct(['links', 'link', 'observation-points'], close);
  const ready = reason.trim() !== '' && (by === 'rules' || (typeof value === 'number' && value >= 0 && value <= 1));
  return (
    <Modal opened onClose={close} title={t('web.weight.set')} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          act.mutate({
            method: 'PUT',
            path: `/links/${encodeURIComponent(link.id)}/weight`,
            body: { after: weight.set?.version ?? 0, weight: by === 'rules' ? null : value, reason },
            done: t('web.weight.done'),
          });
        }}
      >
        <p className="prose dim">{t('web.weight.form.means', { computed: n(weight.computed, 2) })}</p>
        {isSet(weight) ? (
          <Radio.Group label={t('web.weight.which')} value={by} onChange={(to) => setBy(to as 'person' | 'rules')}>
            <div className="link-depths">
              <Radio value="person" label={t('web.weight.which.person')} />
              <Radio value="rules" label={t('web.weight.which.rules', { computed: n(weight.computed, 2) })} />
            </div>
          </Radio.Group>
        ) : null}
        {by === 'person' ? (
          <NumberInput
            label={t('web.weight')}
            description={t('web.weight.range')}
            min={0}
            max={1}
            step={0.05}
            decimalScale={2}
            value={value}
            onChange={setValue}
            data-autofocus
          />
        ) : null}
        <Textarea
          label={t('web.weight.reason')}
          description={t('web.weight.reason.means')}
          required
          autosize
          minRows={2}
          maxRows={6}
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <FormEnd close={close} disabled={!ready} pending={act.isPending}>
          {t('web.weight.send')}
        </FormEnd>
      </form>
    </Modal>
  );
}
