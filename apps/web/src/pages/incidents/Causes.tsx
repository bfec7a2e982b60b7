/** Why it happened and what may come of it: the chain of causes, step after step, with what each rests on; and its writing. */

import type { IncidentView } from '@forewarn/model/api';
import type { CauseChain, CauseStep } from '@forewarn/model/cause';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Empty, Panel, Waiting } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { ChainForm } from '../causes/ChainForm.tsx';
import { CauseText, ConfidenceMark, confidenceKeys, EvidenceList } from '../causes/marks.tsx';
import { chainQuery, useCauses } from '../causes/queries.ts';
import { roleKeys, roleMeansKeys } from '../causes/roles.ts';

export function Causes({ incident }: { incident: IncidentView }) {
  const { t, language } = useTexts();
  const may = useMay();
  const actor = useActorName();
  const query = useQuery(chainQuery(incident.id, language));
  /** What is being written; null: nothing. */
  const [writing, setWriting] = useState<CauseChain | null>(null);
  return (
    <Waiting query={query}>
      {(chain) => (
        <div className="stack">
          {incident.cause === null ? null : (
            <Panel title={t('causes.closedWith')}>
              <p className="prose">
                <CauseText cause={incident.cause} />
              </p>
              {incident.cause.kind === 'known' ? <EvidenceList evidence={incident.cause.evidence} /> : null}
            </Panel>
          )}
          {writing === null ? (
            <Panel
              title={t('causes.chain')}
              tools={
                may('incidents:write') && chain.steps.length > 0 ? (
                  <Button variant="default" onClick={() => setWriting(chain.steps)}>
                    {t('causes.chain.edit')}
                  </Button>
                ) : undefined
              }
            >
              {chain.steps.length === 0 ? (
                <Empty
                  icon="flow"
                  title={t('causes.chain.none')}
                  action={
                    may('incidents:write') ? (
                      <div className="form-row">
                        {chain.proposed.length > 0 ? (
                          <Button onClick={() => setWriting(chain.proposed)}>{t('causes.chain.take')}</Button>
                        ) : null}
                        <Button variant="default" onClick={() => setWriting([])}>
                          {t('causes.chain.edit')}
                        </Button>
                      </div>
                    ) : undefined
                  }
                >
                  {t('causes.chain.none.means')}
                </Empty>
              ) : (
                <>
                  <p className="dim small">
                    {t('causes.chain.by', { version: chain.version, by: chain.by === null ? '–' : actor(chain.by) })}
                    {chain.at === null ? null : (
                      <>
                        {' '}
                        · <At at={chain.at} />
                      </>
                    )}
                    {chain.confidence === null
                      ? null
                      : ` · ${t('causes.chain.confidence', { confidence: t(confidenceKeys[chain.confidence]) })}`}
                  </p>
                  <Chain steps={chain.steps} />
                </>
              )}
            </Panel>
          ) : (
            <Panel title={t('causes.chain.edit')}>
              <div className="cause-form">
                <ChainForm incident={incident.id} after={chain.version} first={writing} close={() => setWriting(null)} />
              </div>
            </Panel>
          )}
          <Panel
            title={t('causes.chain.proposed')}
            tools={
              may('incidents:write') && writing === null && chain.steps.length > 0 && chain.proposed.length > 0 ? (
                <Button variant="default" onClick={() => setWriting(chain.proposed)}>
                  {t('causes.chain.take')}
                </Button>
              ) : undefined
            }
          >
            <p className="prose dim">{t('causes.chain.proposed.means')}</p>
            {chain.proposed.length === 0 ? (
              <p className="prose">{t('causes.chain.proposed.none')}</p>
            ) : (
              <Chain steps={chain.proposed} />
            )}
          </Panel>
        </div>
      )}
    </Waiting>
  );
}

/** What happened, then what may: each step under the one that it follows from, as a line that is read downwards. */
function Chain({ steps }: { steps: CauseChain }) {
  const { t } = useTexts();
  const parts = [
    { reality: 'happened', title: t('causes.chain.happened') },
    { reality: 'may', title: t('causes.chain.may') },
  ] as const;
  return parts.map(({ reality, title }) => {
    const own = steps.filter((step) => step.reality === reality);
    if (own.length === 0) return null;
    return (
      <section key={reality} className="cause-part">
        <h3>{title}</h3>
        <ol className="cause-chain" data-reality={reality}>
          {own.map((step) => (
            <Step key={step.id} step={step} steps={steps} />
          ))}
        </ol>
      </section>
    );
  });
}

function Step({ step, steps }: { step: CauseStep; steps: CauseChain }) {
  const { t } = useTexts();
  const { cause } = useCauses();
  const number = (id: string): number => steps.findIndex((one) => one.id === id) + 1;
  return (
    <li className="cause-step" data-role={step.role} data-row tabIndex={-1}>
      <span className="cause-number" aria-hidden="true">
        {number(step.id)}
      </span>
      <div>
        <p className="cause-head">
          <span className="cause-role" title={t(roleMeansKeys[step.role])}>
            {t(roleKeys[step.role])}
          </span>
          {step.cause === null ? null : <strong>{cause(step.cause)}</strong>}
          <ConfidenceMark confidence={step.confidence} />
          {step.at === null ? null : (
            <span className="dim">
              <At at={step.at} exact />
            </span>
          )}
        </p>
        <p className="prose">{step.text}</p>
        {step.follows.length === 0 ? null : (
          <p className="dim small">
            <Icon name="flow" size={12} /> {t('causes.step.follows')}{' '}
            {step.follows.map((id) => t('causes.step', { n: number(id) })).join(t('web.list'))}
          </p>
        )}
        {step.reality === 'may' && step.evidence.length === 0 ? null : <EvidenceList evidence={step.evidence} />}
      </div>
    </li>
  );
}
