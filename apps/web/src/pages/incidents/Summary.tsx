import type { IncidentView } from '@forewarn/model/api';
import { Link } from '@tanstack/react-router';
import { keepAnd } from '../../frame/keep.ts';
import { Panel } from '../../frame/Page.tsx';
import { Technique } from '../../marks/Technique.tsx';
import { At } from '../../marks/Marks.tsx';
import { stageKeys } from '../../marks/Stage.tsx';
import { useInstants, useSpan } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useOrganisationName } from '../../session/resources.ts';
import { useMay } from '../../session/me.tsx';
import { shownIndicator } from '../../values/defang.ts';
import { Value } from '../../values/ValueMenu.tsx';
import { CauseText } from '../causes/marks.tsx';
import { EstateThen } from './EstateThen.tsx';

/** What it is, whom it concerns, how far it has come: readable aloud on the telephone. */
export function Summary({ incident }: { incident: IncidentView }) {
  const { t, w } = useTexts();
  const name = useOrganisationName();
  const span = useSpan();
  const instants = useInstants();
  const may = useMay();
  const { stage } = incident;
  return (
    <div className="summary">
      <Panel title={t('web.summary.why')}>
        {incident.reasons.length === 0 ? (
          <p className="prose dim">{t('web.summary.byHand')}</p>
        ) : (
          <ul className="reasons">
            {incident.reasons.map((reason, index) => (
              // Reasons have no id and never change places.
              <li key={index}>{w(reason)}</li>
            ))}
          </ul>
        )}
      </Panel>
      <Panel title={t('web.summary.stage')}>
        <StageLine stage={stage.stage} />
        <p className="prose">{w(stage.reason)}</p>
        {stage.harmAt === null ? null : (
          <p className="dim">
            {t('web.stage.harmAt')}{' '}
            {stage.harmAt.from === stage.harmAt.to ? (
              <At at={stage.harmAt.from} exact />
            ) : (
              <>
                <At at={stage.harmAt.from} exact /> – <At at={stage.harmAt.to} exact />
              </>
            )}
          </p>
        )}
      </Panel>
      <Panel title={t('web.summary.facts')}>
        <dl className="pairs">
          <div>
            <dt>{t('web.incident.organisations')}</dt>
            <dd>{incident.organisations.map(name).join(t('web.list'))}</dd>
          </div>
          <div>
            <dt>{t('web.summary.span')}</dt>
            <dd>
              {instants.full(incident.from)} – {instants.full(incident.to)}
              <span className="dim"> · {span((Date.parse(incident.to) - Date.parse(incident.from)) / 1000)}</span>
            </dd>
          </div>
          <div>
            <dt>{t('web.summary.hosts')}</dt>
            <dd className="values">
              {incident.hosts.length === 0
                ? '–'
                : incident.hosts.map((host) => (
                    <Value key={host} field="source" value={host} log={null} shown={shownIndicator(host)} />
                  ))}
            </dd>
          </div>
          <div>
            <dt>{t('web.summary.techniques')}</dt>
            <dd className="values">
              {incident.techniques.length === 0 ? '–' : incident.techniques.map((id) => <Technique key={id} id={id} />)}
            </dd>
          </div>
          <div>
            <dt>{t('web.incident.cause')}</dt>
            <dd>
              {incident.cause === null ? (
                <span className="dim">{t('web.incident.cause.none')}</span>
              ) : (
                <CauseText cause={incident.cause} />
              )}
            </dd>
          </div>
        </dl>
        <Link to="/incidents/$id" params={{ id: incident.id }} search={keepAnd({ tab: 'findings' })}>
          {t('web.summary.evidence', { count: incident.findings })}
        </Link>
      </Panel>
      {may('estate:read') ? <EstateThen incident={incident} /> : null}
    </div>
  );
}

function StageLine({ stage }: { stage: IncidentView['stage']['stage'] }) {
  const { t } = useTexts();
  if (stage === 'unknown') return null;
  return (
    <ol className="stage-line">
      {(['before', 'during', 'after'] as const).map((each) => (
        <li key={each} aria-current={each === stage ? 'step' : undefined}>
          {t(stageKeys[each])}
        </li>
      ))}
    </ol>
  );
}
