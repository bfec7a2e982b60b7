/** One warning: what to do until when, whom it reaches and why, what became of it there; and what can be done with it by whom. */

import type { WarningView } from '@forewarn/model/api';
import { sectorName } from '@forewarn/model/estate';
import type { WarnedProduct } from '@forewarn/model/warning';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { keepView } from '../../frame/keep.ts';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { Page, Panel, Waiting } from '../../frame/Page.tsx';
import { ColourMark } from '../../marks/Grade.tsx';
import { At, TlpBadge } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useNamedWords, useOrganisationName, warningQuery } from '../../session/resources.ts';
import { useActorName } from '../../session/people.ts';
import { shownIndicator } from '../../values/defang.ts';
import { Value } from '../../values/ValueMenu.tsx';
import { MakeOf } from '../reports/MakeOf.tsx';
import { Acts } from './Acts.tsx';
import { measureFormsOf, measuresOfForms } from './DraftMeasures.tsx';
import { Audience } from './Audience.tsx';
import { Chases, Effect, LifeLine, Steps, useCourse } from './Course.tsx';
import { inForce, Left, UrgencyWord, useUrgencyName } from './marks.tsx';
import { Measures } from './Measures.tsx';
import { WarningStateWord } from './WarningTable.tsx';

export function Warning() {
  const { t } = useTexts();
  const { id } = useParams({ strict: false }) as { id: string };
  const query = useQuery(warningQuery(id));
  if (query.data === undefined) {
    return (
      <Page title={t('web.warning')}>
        <Waiting query={query}>{() => null}</Waiting>
      </Page>
    );
  }
  return <WarningBody warning={query.data} />;
}

function WarningBody({ warning }: { warning: WarningView }) {
  const { t, l } = useTexts();
  const course = useCourse(warning.id).data;
  return (
    <Page
      title={`${warning.number} ${l(warning.title)}`}
      heading={
        <ItemHead up={{ to: '/warnings', name: t('web.page.warnings') }} title={l(warning.title)}>
          <span className="mono">{warning.number}</span>
          <ColourMark colour={warning.colour} />
          <UrgencyWord urgency={warning.urgency} />
          <WarningStateWord state={warning.state} />
          <TlpBadge marking={warning.marking} />
        </ItemHead>
      }
      tools={
        <>
          <MakeOf kind="warning" id={warning.id} />
          <Acts warning={warning} />
        </>
      }
      aside={<Audience warning={warning} />}
      asideLabel={t('web.warning.audience')}
    >
      <Banner warning={warning} />
      <LifeLine warning={warning} />
      <Proposed warning={warning} />
      <Measures warning={warning} effect={course?.effect} />
      {warning.issuedAt === null || course === undefined ? null : <Effect warning={warning} effect={course.effect} />}
      <Content warning={warning} />
      <Scope scope={warning.scope} title={t('web.warning.scope')} />
      {course === undefined ? null : (
        <>
          <Chases warning={warning} chases={course.chases} />
          <Steps steps={course.steps} />
        </>
      )}
    </Page>
  );
}

/** What its reader must know first: how grave and why, what kind of danger, how much time there is. */
function Banner({ warning }: { warning: WarningView }) {
  const { t } = useTexts();
  const w = useNamedWords();
  const { means } = useUrgencyName();
  return (
    <div className="warning-banner" data-colour={warning.colour}>
      <ColourMark colour={warning.colour} large />
      <div className="warning-why">
        <strong>{means(warning.urgency)}</strong>
        {warning.colourReason === null ? null : (
          <span className="small">{t('warnings.colour.why', { reason: w(warning.colourReason) })}</span>
        )}
        {warning.alone === null ? null : (
          <span className="small soon">{t('warnings.alone.because', { reason: warning.alone })}</span>
        )}
      </div>
      {inForce(warning) && warning.measuresDeadline !== null ? (
        <span className="warning-time">
          {t('warnings.firstDeadline')} <Left until={warning.measuresDeadline} />
        </span>
      ) : null}
    </div>
  );
}

/** Another text that waits for a second person. */
function Proposed({ warning }: { warning: WarningView }) {
  const { t } = useTexts();
  const actor = useActorName();
  const { proposed } = warning;
  if (proposed === null) return null;
  const measuresOf = (of: WarningView['measures']): string => JSON.stringify(measuresOfForms(measureFormsOf(of)));
  return (
    <Panel title={t('warnings.proposed')}>
      <dl className="pairs pairs-wide">
        <Pair term={t('warnings.by')}>
          {actor(proposed.by)} · <At at={proposed.at} />
        </Pair>
        <Pair term={t('web.reason')}>{proposed.reason}</Pair>
        {proposed.colour === warning.colour ? null : (
          <Pair term={t('web.warning.colour')}>
            <span className="row-line">
              <ColourMark colour={warning.colour} /> → <ColourMark colour={proposed.colour} />
            </span>
          </Pair>
        )}
        {proposed.mattersToNote === warning.mattersToNote ? null : (
          <Pair term={t('web.warning.mattersToNote')}>{proposed.mattersToNote}</Pair>
        )}
        {measuresOf(proposed.measures) === measuresOf(warning.measures) ? null : (
          <Pair term={t('web.warning.measures')}>
            <ul className="plain-list">
              {proposed.measures.map(({ id, text, dueAt }) => (
                <li key={id}>
                  {text} {dueAt === null ? null : <At at={dueAt} exact />}
                </li>
              ))}
            </ul>
          </Pair>
        )}
        {proposed.validUntil === warning.validUntil ? null : (
          <Pair term={t('web.warning.validUntil')}>
            {proposed.validUntil === null ? t('web.warning.untilLifted') : <At at={proposed.validUntil} exact />}
          </Pair>
        )}
      </dl>
      {JSON.stringify(proposed.scope) === JSON.stringify(warning.scope) ? null : (
        <Scope scope={proposed.scope} title={t('warnings.proposed.scope')} />
      )}
    </Panel>
  );
}

function Content({ warning }: { warning: WarningView }) {
  const { t } = useTexts();
  const actor = useActorName();
  const name = useOrganisationName();
  return (
    <Panel title={t('web.warning.content')}>
      <dl className="pairs pairs-wide">
        <Pair term={t('web.warning.incidentType')}>{warning.incidentType}</Pair>
        <Pair term={t('web.warning.startTime')}>
          <At at={warning.startTime} exact />
        </Pair>
        <Pair term={t('web.warning.possibleScope')}>{warning.possibleScope}</Pair>
        <Pair term={t('web.warning.mattersToNote')}>{warning.mattersToNote}</Pair>
        <Pair term={t('web.warning.authority')}>{name(warning.issuingAuthority)}</Pair>
        {warning.issuedAt === null ? null : (
          <Pair term={t('web.warning.issuedAt')}>
            <At at={warning.issuedAt} exact />
            {warning.issuedBy === null ? null : ` · ${actor(warning.issuedBy)}`}
          </Pair>
        )}
        <Pair term={t('web.warning.validUntil')}>
          {warning.validUntil === null ? t('web.warning.untilLifted') : <At at={warning.validUntil} exact />}
        </Pair>
        {warning.liftedAt === null ? null : (
          <Pair term={t('web.warning.liftedAt')}>
            <At at={warning.liftedAt} exact />
          </Pair>
        )}
        {warning.incident === null ? null : (
          <Pair term={t('web.incident')}>
            <Link to="/incidents/$id" params={{ id: warning.incident }} search={keepView}>
              {t('web.warning.incident')}
            </Link>
          </Pair>
        )}
      </dl>
    </Panel>
  );
}

/** A product and its versions in one line: `Maker Gateway ≥ 2.0 < 2.4`. */
export function productText({ purl, cpe, vendor, product, exactly, from, before, upTo }: WarnedProduct): string {
  // A CPE name has its vendor and product in its fourth and fifth parts (NISTIR 7695).
  const named = purl ?? cpe?.split(':').slice(3, 5).join(' ') ?? '';
  const called = product === undefined ? named : [vendor, product].filter((part) => part !== undefined).join(' ');
  const edges = [
    exactly === undefined ? '' : `= ${exactly}`,
    from === undefined ? '' : `≥ ${from}`,
    before === undefined ? '' : `< ${before}`,
    upTo === undefined ? '' : `≤ ${upTo}`,
  ];
  return [called, ...edges.filter((edge) => edge !== '')].join(' ');
}

function Scope({ scope, title }: { scope: WarningView['scope']; title: string }) {
  const { t, w } = useTexts();
  const parts = [
    { key: t('web.warning.addresses'), field: 'id.resp_h', values: scope.addresses, open: true },
    { key: t('web.warning.names'), field: 'query', values: scope.names, open: true },
    { key: t('exposures.vulnerabilities'), field: 'vulnerabilities', values: scope.vulnerabilities ?? [], open: false },
    { key: t('warnings.products'), field: 'products', values: (scope.products ?? []).map(productText), open: false },
    { key: t('warnings.asns'), field: 'asns', values: scope.asns ?? [], open: false },
    { key: t('web.warning.businesses'), field: 'businesses', values: scope.businesses, open: false },
    {
      key: t('web.warning.sectors'),
      field: 'sectors',
      values: scope.sectors.map((sector) => w(sectorName(sector))),
      open: false,
    },
    { key: t('warnings.regions'), field: 'regions', values: scope.regions ?? [], open: false },
    { key: t('warnings.dependents'), field: 'dependents', values: scope.dependents ? [t('warnings.yes')] : [], open: false },
    { key: t('warnings.onlySure'), field: 'onlySure', values: scope.onlySure ? [t('warnings.yes')] : [], open: false },
  ].filter(({ values }) => values.length > 0);
  if (parts.length === 0) return null;
  return (
    <Panel title={title}>
      <dl className="pairs pairs-wide">
        {parts.map((part) => (
          <Pair key={part.key} term={part.key}>
            <span className="values">
              {part.values.map((value) =>
                part.open ? (
                  <Value key={value} field={part.field} value={value} log={null} shown={shownIndicator(value)} />
                ) : (
                  <span key={value}>{value}</span>
                ),
              )}
            </span>
          </Pair>
        ))}
      </dl>
    </Panel>
  );
}

function Pair({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd className="prose-lines">{children}</dd>
    </div>
  );
}
