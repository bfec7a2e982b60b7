/** What happened, by the time it happened; when it was written down later, both times show. */

import type { IncidentView } from '@forewarn/model/api';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Empty } from '../../frame/Page.tsx';
import { keepView } from '../../frame/keep.ts';
import { Icon, type IconName } from '../../look/icons.tsx';
import { At } from '../../marks/Marks.tsx';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useActorName } from '../../session/people.ts';
import { useNamedWords } from '../../session/resources.ts';

type Kind = IncidentView['timeline'][number]['kind'];

const kinds: { [kind in Kind]: { icon: IconName; key: string } } = {
  finding: { icon: 'findings', key: 'web.timeline.finding' },
  fact: { icon: 'list', key: 'web.timeline.fact' },
  grade: { icon: 'situation', key: 'web.timeline.grade' },
  responsibility: { icon: 'person', key: 'web.timeline.responsibility' },
  clock: { icon: 'clock', key: 'web.timeline.clock' },
  event: { icon: 'alert', key: 'web.timeline.event' },
  task: { icon: 'check', key: 'web.timeline.task' },
  decision: { icon: 'flow', key: 'web.timeline.decision' },
  warning: { icon: 'warnings', key: 'web.timeline.warning' },
  state: { icon: 'incidents', key: 'web.timeline.state' },
  note: { icon: 'list', key: 'web.timeline.note' },
};

/** An entry written down later than this after the thing itself says so. */
const lateMs = 60_000;

export function Timeline({ incident }: { incident: IncidentView }) {
  const { t } = useTexts();
  const w = useNamedWords();
  const actor = useActorName();
  const instants = useInstants();
  const [only, setOnly] = useState<ReadonlySet<Kind>>(new Set());
  const present = [...new Set(incident.timeline.map(({ kind }) => kind))];
  const shown = incident.timeline
    .filter(({ kind }) => only.size === 0 || only.has(kind))
    .toSorted((a, b) => b.at.localeCompare(a.at));
  if (incident.timeline.length === 0) return <Empty title={t('web.timeline.none')} />;
  const toggle = (kind: Kind) => {
    const next = new Set(only);
    if (!next.delete(kind)) next.add(kind);
    setOnly(next);
  };
  let day = '';
  return (
    <div>
      <div className="chips" role="group" aria-label={t('web.timeline.kinds')}>
        {present.map((kind) => (
          <button key={kind} type="button" className="chip" aria-pressed={only.has(kind)} onClick={() => toggle(kind)}>
            <Icon name={kinds[kind].icon} size={14} />
            {t(kinds[kind].key)}
            <span className="tab-count">{incident.timeline.filter((entry) => entry.kind === kind).length}</span>
          </button>
        ))}
      </div>
      <ol className="timeline">
        {shown.map((entry, index) => {
          const full = instants.full(entry.at);
          const fresh = full.slice(0, 10) !== day;
          day = full.slice(0, 10);
          const late = Date.parse(entry.enteredAt) - Date.parse(entry.at) > lateMs;
          return (
            // Entries have no id; the same sentence may stand twice.
            <li key={`${entry.at} ${index}`} data-kind={entry.kind} data-row tabIndex={-1}>
              {fresh ? <div className="timeline-day">{day}</div> : null}
              <div className="timeline-entry">
                <time dateTime={entry.at} className="timeline-at">
                  {full.slice(11)}
                </time>
                <span className="timeline-icon">
                  <Icon name={kinds[entry.kind].icon} size={14} />
                </span>
                <div>
                  <div>
                    <span className="visually-hidden">{t(kinds[entry.kind].key)}: </span>
                    {entry.kind === 'finding' && entry.reference !== null ? (
                      <Link data-open to="/findings/$id" params={{ id: entry.reference }} search={keepView}>
                        {w(entry.text)}
                      </Link>
                    ) : entry.kind === 'warning' && entry.reference !== null ? (
                      <Link data-open to="/warnings/$id" params={{ id: entry.reference }} search={keepView}>
                        {w(entry.text)}
                      </Link>
                    ) : (
                      w(entry.text)
                    )}
                  </div>
                  {entry.by === null && !late ? null : (
                    <div className="dim small">
                      {entry.by === null ? null : actor(entry.by)}
                      {late ? (
                        <>
                          {entry.by === null ? '' : ' · '}
                          {t('web.timeline.entered')} <At at={entry.enteredAt} />
                        </>
                      ) : null}
                    </div>
                  )}
                </div>
              </div>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
