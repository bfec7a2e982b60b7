/** What is kept of a link, for how long, and why; with what it costs while one chooses. */

import { Button, Modal, NumberInput, Radio, Select, Textarea, TextInput } from '@mantine/core';
import { LinkPolicyValues, type LinkDetail } from '@forewarn/model/api';
import { keepBytesMax, keepBytesMin, keepHoursMax } from '@forewarn/model/link';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DayInput } from '../../frame/InstantInput.tsx';
import { useAct } from '../../frame/act.ts';
import { TableRegion } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { serverNow } from '../../session/clock.ts';
import { endOfDay, useInstants, useSpan, writeField } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { recordTypesQuery } from '../../session/resources.ts';
import { useBytes } from '../sensors/parts.tsx';
import { costOf } from './cost.ts';
import { bytesPerSecond, useBits } from './parts.tsx';

const gigabyte = 1e9;

/** How long a new grant runs unless somebody chooses otherwise. */
const grantDays = 30;

export function PolicyForm({ link, close }: { link: LinkDetail; close: () => void }) {
  const { t, n } = useTexts();
  const { zone } = useInstants();
  const newest = link.editions[0];
  const proposed = link.role === 'primary' ? (link.weight?.depth ?? 'elements') : 'elements';
  const [values, setValues] = useState<LinkPolicyValues>(() => newest?.values ?? LinkPolicyValues.parse({ depth: proposed }));
  const act = useAct(['links', 'link'], close);
  const { data: types } = useQuery(recordTypesQuery);
  const secondary = link.role === 'secondary';
  const packets = values.depth === 'packets';
  const fields = (types ?? []).flatMap(({ log, columns }) =>
    columns.filter((column) => column.class === 'content').map((column) => `${log}.${column.name}`),
  );
  const wrong = new Set(LinkPolicyValues.safeParse(values).error?.issues.map(({ path }) => path.join('.')));
  const purposeMissing = packets && values.purpose.trim() === '';
  const grantsWrong = values.content.some(
    ({ log, purpose, until }) => log === '' || purpose.trim() === '' || !(Date.parse(until) > serverNow()),
  );
  const ready = wrong.size === 0 && !purposeMissing && !grantsWrong && !(secondary && (packets || values.content.length > 0));
  const numberOf = (given: string | number) => (typeof given === 'number' ? given : 0);
  const setGrant = (at: number, change: Partial<LinkPolicyValues['content'][number]>) =>
    setValues({ ...values, content: values.content.map((grant, i) => (i === at ? { ...grant, ...change } : grant)) });
  return (
    <Modal opened onClose={close} title={t('web.links.set')} size="lg" closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          act.mutate({
            method: 'PUT',
            path: `/links/${encodeURIComponent(link.id)}/policy`,
            body: { after: newest?.version ?? 0, values },
            done: t('web.links.form.done'),
          });
        }}
      >
        <p className="prose dim">{t('web.links.form.means')}</p>
        {newest === undefined && link.weight !== null && !secondary ? (
          <p className="prose dim" role="note">
            {t(proposed === 'packets' ? 'web.links.form.proposed.packets' : 'web.links.form.proposed.elements', {
              weight: n(link.weight.value, 2),
            })}
          </p>
        ) : null}
        {secondary ? (
          <p className="prose link-secondary" role="note">
            <Icon name="alert" size={16} />
            {t('web.links.form.secondary')}
          </p>
        ) : null}
        <Radio.Group
          label={t('web.links.kept')}
          value={values.depth}
          onChange={(depth) => setValues({ ...values, depth: depth as LinkPolicyValues['depth'] })}
        >
          <div className="link-depths">
            <Radio value="elements" label={t('web.links.depth.elements')} description={t('web.links.depth.elements.means')} />
            <Radio
              value="packets"
              disabled={secondary && !packets}
              label={t('web.links.depth.packets')}
              description={t('web.links.form.packets.means')}
            />
          </div>
        </Radio.Group>
        {packets ? (
          <>
            <div className="form-pair">
              <NumberInput
                label={t('web.links.keepHours')}
                description={t('web.links.keepHours.means', { most: n(keepHoursMax) })}
                allowDecimal={false}
                min={1}
                max={keepHoursMax}
                error={wrong.has('keepHours') ? t('web.sensors.form.wrong') : undefined}
                value={values.keepHours}
                onChange={(given) => setValues({ ...values, keepHours: numberOf(given) })}
              />
              <NumberInput
                label={t('web.links.keepGigabytes')}
                description={t('web.links.keepGigabytes.means', {
                  least: n(keepBytesMin / gigabyte, 3),
                  most: n(keepBytesMax / gigabyte),
                })}
                decimalScale={3}
                min={keepBytesMin / gigabyte}
                max={keepBytesMax / gigabyte}
                error={wrong.has('keepBytes') ? t('web.sensors.form.wrong') : undefined}
                value={values.keepBytes / gigabyte}
                onChange={(given) => setValues({ ...values, keepBytes: Math.round(numberOf(given) * gigabyte) })}
              />
            </div>
            <CostNote link={link} policy={values} />
          </>
        ) : null}
        <Textarea
          label={t('web.links.purpose')}
          description={t('web.links.purpose.means')}
          required={packets}
          autosize
          minRows={2}
          maxRows={6}
          maxLength={1000}
          error={purposeMissing ? t('web.links.purpose.missing') : undefined}
          value={values.purpose}
          onChange={(event) => setValues({ ...values, purpose: event.currentTarget.value })}
        />
        {secondary && values.content.length === 0 ? null : (
          <fieldset className="grants">
            <legend>{t('web.links.content')}</legend>
            <p className="prose dim">{t('web.links.content.means')}</p>
            {values.content.map((grant, at) => (
              // Grants have no id of their own, and one may be written twice while it is edited.
              <div className="grant" key={at}>
                <Select
                  label={t('web.links.content.field')}
                  searchable
                  data={fields}
                  value={grant.log === '' ? null : `${grant.log}.${grant.field}`}
                  onChange={(chosen) => {
                    const [log = '', ...field] = (chosen ?? '').split('.');
                    setGrant(at, { log, field: field.join('.') });
                  }}
                />
                <DayInput
                  label={t('web.links.content.until')}
                  value={grant.until === '' ? null : grant.until}
                  error={Date.parse(grant.until) > serverNow() ? undefined : t('web.links.content.over')}
                  set={(until) => setGrant(at, { until: until ?? '' })}
                />
                <TextInput
                  className="grant-purpose"
                  label={t('web.links.purpose')}
                  maxLength={500}
                  value={grant.purpose}
                  onChange={(event) => setGrant(at, { purpose: event.currentTarget.value })}
                />
                <button
                  type="button"
                  className="tool"
                  onClick={() => setValues({ ...values, content: values.content.filter((_, i) => i !== at) })}
                >
                  <Icon name="close" size={14} />
                  <span>{t('web.links.content.remove')}</span>
                </button>
              </div>
            ))}
            {secondary ? null : (
              <Button
                variant="default"
                size="xs"
                leftSection={<Icon name="plus" size={14} />}
                disabled={values.content.length >= 50}
                onClick={() =>
                  setValues({
                    ...values,
                    content: [
                      ...values.content,
                      {
                        log: '',
                        field: '',
                        purpose: '',
                        until: endOfDay(writeField(serverNow() + grantDays * 86_400_000, zone).slice(0, 10), zone)!,
                      },
                    ],
                  })
                }
              >
                {t('web.links.content.add')}
              </Button>
            )}
          </fieldset>
        )}
        <div className="form-end">
          <Button type="submit" disabled={!ready} loading={act.isPending}>
            {t('web.links.form.send')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** What so many hours take, and how far the bytes reach, now and when the line is full. */
function CostNote({ link, policy }: { link: LinkDetail; policy: LinkPolicyValues }) {
  const { t } = useTexts();
  const bytes = useBytes();
  const bits = useBits();
  const span = useSpan();
  const rate = bytesPerSecond(link);
  const cost = costOf(policy, { capacityMbps: link.capacityMbps, bytesPerSecond: rate });
  const reach = (seconds: number) => span(Math.min(seconds, policy.keepHours * 3600));
  return (
    <TableRegion label={t('web.links.cost')}>
      <table className="table link-cost">
        <caption>{t('web.links.cost')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('web.links.cost.at')}</th>
            <th scope="col" className="number">
              {t('web.links.cost.takes')}
            </th>
            <th scope="col" className="number">
              {t('web.links.cost.reaches')}
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t('web.links.cost.present', { rate: bits((rate * 8) / 1e6) })}</th>
            <td className="number">{bytes(cost.present)}</td>
            <td className="number">{cost.holdsPresent === null ? span(policy.keepHours * 3600) : reach(cost.holdsPresent)}</td>
          </tr>
          <tr>
            <th scope="row">{t('web.links.cost.full', { rate: bits(link.capacityMbps) })}</th>
            <td className="number">{bytes(cost.full)}</td>
            <td className="number">{reach(cost.holdsFull)}</td>
          </tr>
        </tbody>
      </table>
    </TableRegion>
  );
}
