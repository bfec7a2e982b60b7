/** Drafts a warning: the fields of the national plan, and a scope from which the recipients follow. */

import type { IncidentView, WarningView } from '@forewarn/model/api';
import { sectorName } from '@forewarn/model/estate';
import type { Colour } from '@forewarn/model/grade';
import type { Tlp } from '@forewarn/model/markings';
import { Button, MultiSelect, Radio, Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { Page, Panel, Waiting } from '../../frame/Page.tsx';
import { asLevel, ColourMark, colourOfLevel } from '../../marks/Grade.tsx';
import { useTexts } from '../../session/language.tsx';
import { businessesQuery, findingsQuery, incidentQuery, organisationsQuery } from '../../session/resources.ts';
import { isInternalAddress } from '../../values/defang.ts';

export function WarningDraft() {
  const { t } = useTexts();
  const { incident, vulnerability } = useSearch({ strict: false }) as { incident?: string; vulnerability?: string };
  const vulnerabilities = vulnerability === undefined ? [] : [vulnerability];
  const query = useQuery({ ...incidentQuery(incident ?? ''), enabled: incident !== undefined });
  const findings = useQuery({ ...findingsQuery({ incident: incident ?? '' }), enabled: incident !== undefined });
  return (
    <Page
      title={t('web.warnings.new')}
      heading={
        <ItemHead
          up={
            incident === undefined
              ? { to: '/warnings', name: t('web.page.warnings') }
              : { to: '/incidents/$id', params: { id: incident }, name: query.data?.number ?? t('web.incident') }
          }
          title={t('web.warnings.new')}
        />
      }
    >
      {incident === undefined ? (
        <Draft incident={null} addresses={[]} names={[]} vulnerabilities={vulnerabilities} />
      ) : (
        <Waiting query={query}>
          {(data) =>
            findings.isPending ? null : (
              <Draft
                incident={data}
                vulnerabilities={vulnerabilities}
                addresses={[...new Set((findings.data?.items ?? []).flatMap(({ targets }) => targets))]
                  .filter((address) => !isInternalAddress(address))
                  .slice(0, 50)}
                names={[...new Set((findings.data?.items ?? []).flatMap((finding) => finding.names))].slice(0, 50)}
              />
            )
          }
        </Waiting>
      )}
    </Page>
  );
}

const inputOf = (ms: number) => new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

function Draft({
  incident,
  addresses,
  names,
  vulnerabilities,
}: {
  incident: IncidentView | null;
  addresses: string[];
  names: string[];
  vulnerabilities: string[];
}) {
  const { t, w, l, language } = useTexts();
  const navigate = useNavigate();
  const { data: businesses } = useQuery(businessesQuery);
  const { data: organisations } = useQuery(organisationsQuery);
  const title = incident === null ? '' : w(incident.title);
  const [form, setForm] = useState({
    titleEn: language === 'en' ? title : '',
    titleZh: language === 'zh' ? title : '',
    colour: colourOfLevel[asLevel(incident?.grade?.floor) ?? 4] as Colour,
    marking: (incident?.marking ?? 'TLP:AMBER') as Tlp,
    incidentType: '',
    startTime: inputOf(incident === null ? Date.now() : Date.parse(incident.from)),
    possibleScope: '',
    mattersToNote: '',
    measuresToTake: '',
    measuresDeadline: '',
    validUntil: '',
    addresses,
    names,
    businesses: [] as string[],
    sectors: [] as string[],
    vulnerabilities,
  });
  const set =
    <K extends keyof typeof form>(field: K) =>
    (value: (typeof form)[K]) =>
      setForm((old) => ({ ...old, [field]: value }));
  const sectors = useMemo(() => [...new Set((organisations ?? []).map(({ sector }) => sector))].sort(), [organisations]);
  const act = useAct<WarningView>(
    ['warnings', 'situation'],
    (made) => void navigate({ to: '/warnings/$id', params: { id: made.id } }),
  );
  const iso = (text: string) => (Number.isNaN(Date.parse(text)) ? null : new Date(text).toISOString());
  const scoped =
    form.addresses.length + form.names.length + form.businesses.length + form.sectors.length + form.vulnerabilities.length > 0;
  const missing = [
    form.titleEn,
    form.titleZh,
    form.incidentType,
    form.possibleScope,
    form.mattersToNote,
    form.measuresToTake,
  ].some((text) => text.trim() === '');
  return (
    <form
      className="draft"
      onSubmit={(event) => {
        event.preventDefault();
        if (missing || !scoped) return;
        act.mutate({
          method: 'POST',
          path: '/warnings',
          body: {
            colour: form.colour,
            marking: form.marking,
            incidentType: form.incidentType.trim(),
            title: { en: form.titleEn.trim(), zh: form.titleZh.trim() },
            startTime: iso(form.startTime),
            possibleScope: form.possibleScope.trim(),
            mattersToNote: form.mattersToNote.trim(),
            measuresToTake: form.measuresToTake.trim(),
            measuresDeadline: iso(form.measuresDeadline),
            scope: {
              addresses: form.addresses,
              names: form.names,
              businesses: form.businesses,
              sectors: form.sectors,
              ...(form.vulnerabilities.length === 0 ? {} : { vulnerabilities: form.vulnerabilities }),
            },
            incident: incident?.id ?? null,
            validUntil: iso(form.validUntil),
          },
          done: t('web.warning.drafted'),
        });
      }}
    >
      <Panel title={t('web.warning.content')}>
        <div className="form panel-body">
          <Radio.Group
            label={t('web.warning.colour')}
            description={t('web.warning.colour.means')}
            value={form.colour}
            onChange={(value) => set('colour')(value as Colour)}
          >
            <div className="colour-choice">
              {(['red', 'orange', 'yellow', 'blue'] as const).map((colour) => (
                <Radio.Card key={colour} value={colour} className="colour-card">
                  <Radio.Indicator size="xs" />
                  <ColourMark colour={colour} />
                </Radio.Card>
              ))}
            </div>
          </Radio.Group>
          <div className="form-pair">
            <TextInput
              label={t('web.warning.titleEn')}
              lang="en"
              required
              maxLength={300}
              value={form.titleEn}
              onChange={(event) => set('titleEn')(event.currentTarget.value)}
            />
            <TextInput
              label={t('web.warning.titleZh')}
              lang="zh-CN"
              required
              maxLength={300}
              value={form.titleZh}
              onChange={(event) => set('titleZh')(event.currentTarget.value)}
            />
          </div>
          <div className="form-pair">
            <TextInput
              label={t('web.warning.incidentType')}
              required
              maxLength={200}
              value={form.incidentType}
              onChange={(event) => set('incidentType')(event.currentTarget.value)}
            />
            <TextInput
              type="datetime-local"
              label={t('web.warning.startTime')}
              required
              value={form.startTime}
              onChange={(event) => set('startTime')(event.currentTarget.value)}
            />
          </div>
          <Textarea
            label={t('web.warning.possibleScope')}
            required
            maxLength={5000}
            value={form.possibleScope}
            onChange={(event) => set('possibleScope')(event.currentTarget.value)}
          />
          <Textarea
            label={t('web.warning.mattersToNote')}
            required
            maxLength={5000}
            value={form.mattersToNote}
            onChange={(event) => set('mattersToNote')(event.currentTarget.value)}
          />
          <Textarea
            label={t('web.warning.measures')}
            required
            maxLength={5000}
            value={form.measuresToTake}
            onChange={(event) => set('measuresToTake')(event.currentTarget.value)}
          />
          <div className="form-pair">
            <TextInput
              type="datetime-local"
              label={t('web.warning.measuresDeadline')}
              value={form.measuresDeadline}
              onChange={(event) => set('measuresDeadline')(event.currentTarget.value)}
            />
            <TextInput
              type="datetime-local"
              label={t('web.warning.validUntil')}
              description={t('web.warning.validUntil.means')}
              value={form.validUntil}
              onChange={(event) => set('validUntil')(event.currentTarget.value)}
            />
          </div>
        </div>
      </Panel>
      <Panel title={t('web.warning.scope')}>
        <div className="form panel-body">
          <p className="prose dim">{t('web.warning.scope.means')}</p>
          <TagsInput
            label={t('web.warning.addresses')}
            placeholder="203.0.113.0/24"
            splitChars={[',', ' ', '\n']}
            acceptValueOnBlur
            value={form.addresses}
            onChange={set('addresses')}
          />
          <TagsInput
            label={t('web.warning.names')}
            placeholder="example.org"
            splitChars={[',', ' ', '\n']}
            acceptValueOnBlur
            value={form.names}
            onChange={set('names')}
          />
          <div className="form-pair">
            <MultiSelect
              label={t('web.warning.businesses')}
              searchable
              data={(businesses ?? []).map((each) => ({ value: each.id, label: l(each.name) }))}
              value={form.businesses}
              onChange={set('businesses')}
            />
            <MultiSelect
              label={t('web.warning.sectors')}
              searchable
              data={sectors.map((sector) => ({ value: sector, label: w(sectorName(sector)) }))}
              value={form.sectors}
              onChange={set('sectors')}
            />
          </div>
          <TagsInput
            label={t('exposures.vulnerabilities')}
            description={t('exposures.warning.means')}
            placeholder="CVE-2021-44228"
            splitChars={[',', ' ', '\n']}
            acceptValueOnBlur
            value={form.vulnerabilities}
            onChange={set('vulnerabilities')}
          />
          <Select
            label={t('web.marking')}
            description={t('web.marking.means')}
            allowDeselect={false}
            maw={260}
            data={['TLP:RED', 'TLP:AMBER+STRICT', 'TLP:AMBER', 'TLP:GREEN', 'TLP:CLEAR']}
            value={form.marking}
            onChange={(value) => set('marking')(value as Tlp)}
          />
        </div>
      </Panel>
      <div className="form-end form-sticky">
        {missing ? (
          <span className="dim">{t('web.warning.missing')}</span>
        ) : scoped ? null : (
          <span className="dim">{t('web.warning.noScope')}</span>
        )}
        <Button type="submit" disabled={missing || !scoped} loading={act.isPending}>
          {t('web.warning.saveDraft')}
        </Button>
      </div>
    </form>
  );
}
