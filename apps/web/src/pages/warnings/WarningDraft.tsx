/** Drafts a warning, or writes a draft anew: its colour by rule, the measures with their deadlines, and a scope from which the recipients follow. */

import type { IncidentView, WarningView } from '@forewarn/model/api';
import { sectorName } from '@forewarn/model/estate';
import type { Tlp } from '@forewarn/model/markings';
import type { ColourProposal } from '@forewarn/model/warning-view';
import { Button, Checkbox, MultiSelect, Radio, SegmentedControl, Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { keepView } from '../../frame/keep.ts';
import { useAct } from '../../frame/act.ts';
import { InstantInput } from '../../frame/InstantInput.tsx';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { Page, Panel, Waiting } from '../../frame/Page.tsx';
import { ColourMark } from '../../marks/Grade.tsx';
import { SourceMark } from '../../marks/Marks.tsx';
import { ask } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';
import { serverNow } from '../../session/clock.ts';
import {
  businessesQuery,
  findingsQuery,
  incidentQuery,
  networksQuery,
  organisationsQuery,
  warningQuery,
} from '../../session/resources.ts';
import { isInternalAddress } from '../../values/defang.ts';
import { DraftMeasures, emptyMeasure, measureFormsOf, measuresOfForms, type MeasureForm } from './DraftMeasures.tsx';
import { DraftProducts, formOf, productOf, type ProductForm } from './DraftProducts.tsx';
import { urgencies, useUrgencyName, type Urgency } from './marks.tsx';

type Colour = WarningView['colour'];

export function WarningDraft() {
  const { t } = useTexts();
  const { incident, vulnerability, warning } = useSearch({ strict: false }) as {
    incident?: string;
    vulnerability?: string;
    warning?: string;
  };
  const query = useQuery({ ...incidentQuery(incident ?? ''), enabled: incident !== undefined });
  const findings = useQuery({ ...findingsQuery({ incident: incident ?? '' }), enabled: incident !== undefined });
  const before = useQuery({ ...warningQuery(warning ?? ''), enabled: warning !== undefined });
  const title = t(warning === undefined ? 'web.warnings.new' : 'warnings.edit');
  const up =
    warning !== undefined
      ? ({ to: '/warnings/$id', params: { id: warning }, name: before.data?.number ?? t('web.warning') } as const)
      : incident === undefined
        ? ({ to: '/warnings', name: t('web.page.warnings') } as const)
        : ({ to: '/incidents/$id', params: { id: incident }, name: query.data?.number ?? t('web.incident') } as const);
  return (
    <Page title={title} heading={<ItemHead up={up} title={title} />}>
      {warning !== undefined ? (
        <Waiting query={before}>{(data) => <Draft before={data} incident={null} start={formOfWarning(data)} />}</Waiting>
      ) : incident === undefined ? (
        <Draft
          before={null}
          incident={null}
          start={{
            ...emptyForm(),
            ...(vulnerability === undefined ? {} : { vulnerabilities: [vulnerability], urgency: 'exposure' as const }),
          }}
        />
      ) : (
        <Waiting query={query}>
          {(data) =>
            findings.isPending ? null : (
              <Draft
                before={null}
                incident={data}
                start={{
                  ...emptyForm(),
                  marking: data.marking,
                  startTime: data.from,
                  addresses: [...new Set((findings.data?.items ?? []).flatMap(({ targets }) => targets))]
                    .filter((address) => !isInternalAddress(address))
                    .slice(0, 50),
                  names: [...new Set((findings.data?.items ?? []).flatMap((finding) => finding.names))].slice(0, 50),
                }}
              />
            )
          }
        </Waiting>
      )}
    </Page>
  );
}

/** This minute. */
const nowOnClock = (): string => new Date(Math.floor(serverNow() / 60_000) * 60_000).toISOString();

const emptyForm = () => ({
  titleEn: '',
  titleZh: '',
  /** Null: the one that the rules propose. */
  colour: null as Colour | null,
  colourBecause: '',
  urgency: 'incident' as Urgency,
  marking: 'TLP:AMBER' as Tlp,
  incidentType: '',
  startTime: nowOnClock() as string | null,
  possibleScope: '',
  mattersToNote: '',
  measures: [{ ...emptyMeasure }] as MeasureForm[],
  validUntil: null as string | null,
  addresses: [] as string[],
  names: [] as string[],
  businesses: [] as string[],
  sectors: [] as string[],
  regions: [] as string[],
  asns: [] as string[],
  products: [] as ProductForm[],
  vulnerabilities: [] as string[],
  dependents: false,
  onlySure: false,
});
type Form = ReturnType<typeof emptyForm>;

const formOfWarning = (warning: WarningView): Form => ({
  titleEn: warning.title.en,
  titleZh: warning.title.zh,
  colour: warning.colour,
  colourBecause: '',
  urgency: warning.urgency,
  marking: warning.marking,
  incidentType: warning.incidentType,
  startTime: warning.startTime,
  possibleScope: warning.possibleScope,
  mattersToNote: warning.mattersToNote,
  measures: measureFormsOf(warning.measures),
  validUntil: warning.validUntil,
  addresses: warning.scope.addresses,
  names: warning.scope.names,
  businesses: warning.scope.businesses,
  sectors: warning.scope.sectors,
  regions: warning.scope.regions ?? [],
  asns: warning.scope.asns ?? [],
  products: (warning.scope.products ?? []).map(formOf),
  vulnerabilities: warning.scope.vulnerabilities ?? [],
  dependents: warning.scope.dependents ?? false,
  onlySure: warning.scope.onlySure ?? false,
});

/** A list that is empty is left out: an empty scope of the inventory says something else than none. */
const given = <Key extends string, Value>(key: Key, list: readonly Value[]) =>
  (list.length === 0 ? {} : { [key]: list }) as { [key in Key]?: readonly Value[] };

const scopeOfForm = (form: Form) => ({
  addresses: form.addresses,
  names: form.names,
  businesses: form.businesses,
  sectors: form.sectors,
  ...given('vulnerabilities', form.vulnerabilities),
  ...given('products', form.products.filter(({ name }) => name.trim() !== '').map(productOf)), // oxfmt-ignore
  ...given('asns', form.asns),
  ...given('regions', form.regions),
  ...(form.dependents ? { dependents: true } : {}),
  ...(form.onlySure ? { onlySure: true } : {}),
});

function Draft({ before, incident, start }: { before: WarningView | null; incident: IncidentView | null; start: Form }) {
  const { t, w, l, language } = useTexts();
  const navigate = useNavigate();
  const { name: urgencyName, means: urgencyMeans } = useUrgencyName();
  const { data: businesses } = useQuery(businessesQuery);
  const { data: organisations } = useQuery(organisationsQuery);
  const { data: networks } = useQuery(networksQuery);
  const title = incident === null ? '' : w(incident.title);
  const [form, setForm] = useState({
    ...start,
    ...(before === null ? { titleEn: language === 'en' ? title : '', titleZh: language === 'zh' ? title : '' } : {}),
  });
  const set =
    <K extends keyof Form>(field: K) =>
    (value: Form[K]) =>
      setForm((old) => ({ ...old, [field]: value }));
  const sectors = useMemo(() => [...new Set((organisations ?? []).map(({ sector }) => sector))].sort(), [organisations]);
  const regions = useMemo(() => {
    const all = [...(organisations ?? []), ...(networks ?? [])].flatMap(({ region }) => (region === undefined ? [] : [region]));
    return [...new Set(all)].sort();
  }, [organisations, networks]);
  const asns = useMemo(() => [...new Set((networks ?? []).flatMap((network) => network.asns ?? []))].sort(), [networks]);
  const scope = scopeOfForm(form);
  const of = { urgency: form.urgency, incident: before?.incident ?? incident?.id ?? null, scope };
  const { data: proposal } = useQuery({
    queryKey: ['warning-colours', of],
    queryFn: ({ signal }) => ask<ColourProposal>('POST', '/warning-colours', of, signal),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const colour = form.colour ?? proposal?.colour ?? 'blue';
  const other = proposal !== undefined && colour !== proposal.colour;
  const act = useAct<WarningView>(
    ['warning', 'warnings', 'situation'],
    (made) => void navigate({ to: '/warnings/$id', params: { id: made.id }, search: keepView }),
  );
  const { dependents: _d, onlySure: _o, ...lists } = scope;
  const scoped = Object.values(lists).some((list) => Array.isArray(list) && list.length > 0);
  const missing =
    [form.titleEn, form.titleZh, form.incidentType, form.possibleScope, form.mattersToNote].some((text) => text.trim() === '') ||
    form.startTime === null ||
    form.measures.some(({ text }) => text.trim() === '') ||
    (other && form.colourBecause.trim() === '');
  return (
    <form
      className="draft"
      onSubmit={(event) => {
        event.preventDefault();
        if (missing || !scoped) return;
        act.mutate({
          method: before === null ? 'POST' : 'PUT',
          path: before === null ? '/warnings' : `/warnings/${encodeURIComponent(before.id)}`,
          body: {
            ...(other ? { colour, colourBecause: form.colourBecause.trim() } : {}),
            urgency: form.urgency,
            marking: form.marking,
            incidentType: form.incidentType.trim(),
            title: { en: form.titleEn.trim(), zh: form.titleZh.trim() },
            startTime: form.startTime,
            possibleScope: form.possibleScope.trim(),
            mattersToNote: form.mattersToNote.trim(),
            measures: measuresOfForms(form.measures),
            scope,
            ...(before === null ? { incident: incident?.id ?? null } : {}),
            validUntil: form.validUntil,
          },
          done: t('web.warning.drafted'),
        });
      }}
    >
      <Panel title={t('web.warning.content')}>
        <div className="form panel-body">
          <div>
            <SegmentedControl
              aria-label={t('warnings.urgency')}
              value={form.urgency}
              onChange={(value) => set('urgency')(value as Urgency)}
              data={urgencies.map((value) => ({ value, label: urgencyName(value) }))}
            />
            <p className="dim small">{urgencyMeans(form.urgency)}</p>
          </div>
          <Radio.Group
            label={t('web.warning.colour')}
            description={<Because proposal={proposal} />}
            value={colour}
            onChange={(value) => set('colour')(value as Colour)}
          >
            <div className="colour-choice">
              {(['red', 'orange', 'yellow', 'blue'] as const).map((each) => (
                <Radio.Card key={each} value={each} className="colour-card">
                  <Radio.Indicator size="xs" />
                  <ColourMark colour={each} />
                </Radio.Card>
              ))}
            </div>
          </Radio.Group>
          {other ? (
            <TextInput
              label={t('warnings.colour.because')}
              required
              maxLength={500}
              value={form.colourBecause}
              onChange={(event) => set('colourBecause')(event.currentTarget.value)}
            />
          ) : null}
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
            <InstantInput label={t('web.warning.startTime')} required value={form.startTime} set={set('startTime')} />
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
          <DraftMeasures measures={form.measures} set={set('measures')} />
          <div className="form-pair">
            <InstantInput
              label={t('web.warning.validUntil')}
              description={t('web.warning.validUntil.means')}
              value={form.validUntil}
              set={set('validUntil')}
            />
            <Select
              label={t('web.marking')}
              description={t('web.marking.means')}
              allowDeselect={false}
              data={['TLP:RED', 'TLP:AMBER+STRICT', 'TLP:AMBER', 'TLP:GREEN', 'TLP:CLEAR']}
              value={form.marking}
              onChange={(value) => set('marking')(value as Tlp)}
            />
          </div>
        </div>
      </Panel>
      <Panel title={t('web.warning.scope')}>
        <div className="form panel-body">
          <p className="prose dim">{t('warnings.scope.means')}</p>
          <TagsInput
            label={t('exposures.vulnerabilities')}
            description={t('exposures.warning.means')}
            placeholder="CVE-2021-44228"
            splitChars={[',', ' ', '\n']}
            acceptValueOnBlur
            value={form.vulnerabilities}
            onChange={set('vulnerabilities')}
          />
          <DraftProducts products={form.products} set={set('products')} />
          <Checkbox
            label={t('warnings.onlySure')}
            description={t('warnings.onlySure.means')}
            checked={form.onlySure}
            onChange={(event) => set('onlySure')(event.currentTarget.checked)}
          />
          <TagsInput
            label={t('web.warning.addresses')}
            placeholder="203.0.113.0/24"
            splitChars={[',', ' ', '\n']}
            acceptValueOnBlur
            value={form.addresses}
            onChange={set('addresses')}
          />
          <div className="form-pair">
            <TagsInput
              label={t('web.warning.names')}
              placeholder="example.org"
              splitChars={[',', ' ', '\n']}
              acceptValueOnBlur
              value={form.names}
              onChange={set('names')}
            />
            <TagsInput
              label={t('warnings.asns')}
              placeholder="AS64500"
              data={asns}
              splitChars={[',', ' ', '\n']}
              acceptValueOnBlur
              value={form.asns}
              onChange={(values) => set('asns')(values.map((value) => value.toUpperCase()))}
            />
          </div>
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
          <MultiSelect label={t('warnings.regions')} searchable data={regions} value={form.regions} onChange={set('regions')} />
          <Checkbox
            label={t('warnings.dependents')}
            description={t('warnings.dependents.means')}
            checked={form.dependents}
            onChange={(event) => set('dependents')(event.currentTarget.checked)}
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

/** Which colour the rules propose, why, how sure that rule is, and which graver one the unknowns would allow. */
function Because({ proposal }: { proposal: ColourProposal | undefined }) {
  const { t, w } = useTexts();
  if (proposal === undefined) return t('web.warning.colour.means');
  const { could } = proposal;
  return (
    <span className="colour-because">
      <span className="row-line">
        {t('warnings.colour.proposes')} <ColourMark colour={proposal.colour} /> {w(proposal.reason)}{' '}
        <SourceMark mark={proposal.mark} />
      </span>
      {could === null ? null : (
        <span className="row-line soon">
          {t('warnings.colour.could')} <ColourMark colour={could.colour} />{' '}
          {could.unknown.map((one) => w(one)).join(t('web.list'))}
        </span>
      )}
    </span>
  );
}
