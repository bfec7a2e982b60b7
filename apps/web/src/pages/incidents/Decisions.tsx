import type { IncidentView } from '@forewarn/model/api';
import { Button, Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { Empty, Panel } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { useOrganisationName } from '../../session/resources.ts';
import { touched } from './Why.tsx';

/** What was decided, among which options, for which reasons, and who thought otherwise. */
export function Decisions({ incident }: { incident: IncidentView }) {
  const { t } = useTexts();
  const may = useMay();
  const name = useOrganisationName();
  const actor = useActorName();
  const [writing, setWriting] = useState(false);
  return (
    <div className="stack">
      {may('incidents:write') ? (
        writing ? (
          <DecisionForm incident={incident} close={() => setWriting(false)} />
        ) : (
          <div>
            <Button variant="default" leftSection={<Icon name="plus" size={14} />} onClick={() => setWriting(true)}>
              {t('web.decision.new')}
            </Button>
          </div>
        )
      ) : null}
      {incident.decisions.length === 0 ? (
        <Empty icon="flow" title={t('web.decisions.none')}>
          {t('web.decisions.none.means')}
        </Empty>
      ) : (
        incident.decisions
          .toSorted((a, b) => b.at.localeCompare(a.at))
          .map((decision) => (
            <article key={decision.id} className="decision" data-row tabIndex={-1}>
              <h2>{decision.question}</h2>
              <ul className="decision-options">
                {decision.options.map((option) => (
                  <li key={option} data-chosen={option === decision.chosen || undefined}>
                    <Icon name={option === decision.chosen ? 'check' : 'minus'} size={14} />
                    <span>
                      {option}
                      {option === decision.chosen ? <span className="visually-hidden"> ({t('web.decision.chosen')})</span> : null}
                    </span>
                  </li>
                ))}
                {decision.options.includes(decision.chosen) ? null : (
                  <li data-chosen>
                    <Icon name="check" size={14} />
                    <span>{decision.chosen}</span>
                  </li>
                )}
              </ul>
              <p className="prose">{decision.reasons}</p>
              {decision.dissent === null ? null : (
                <p className="prose">
                  <strong>{t('web.decision.dissent')}:</strong> {decision.dissent}
                </p>
              )}
              <p className="dim small">
                {actor(decision.by)} · {name(decision.organisation)} · <At at={decision.at} />
                {decision.article === null ? null : ` · ${decision.article}`}
              </p>
            </article>
          ))
      )}
    </div>
  );
}

function DecisionForm({ incident, close }: { incident: IncidentView; close: () => void }) {
  const { t } = useTexts();
  const [question, setQuestion] = useState('');
  const [options, setOptions] = useState<string[]>([]);
  const [chosen, setChosen] = useState<string | null>(null);
  const [reasons, setReasons] = useState('');
  const [dissent, setDissent] = useState('');
  const [article, setArticle] = useState('');
  const act = useAct(touched, close);
  const ready = question.trim() !== '' && options.length > 0 && chosen !== null && reasons.trim() !== '';
  return (
    <Panel title={t('web.decision.new')}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          act.mutate({
            method: 'POST',
            path: `/incidents/${encodeURIComponent(incident.id)}/decisions`,
            body: {
              question: question.trim(),
              options,
              chosen,
              reasons: reasons.trim(),
              ...(dissent.trim() === '' ? {} : { dissent: dissent.trim() }),
              ...(article.trim() === '' ? {} : { article: article.trim() }),
            },
            done: t('web.decision.recorded'),
          });
        }}
      >
        <TextInput
          label={t('web.decision.question')}
          required
          maxLength={1000}
          value={question}
          onChange={(event) => setQuestion(event.currentTarget.value)}
        />
        <TagsInput
          label={t('web.decision.options')}
          description={t('web.decision.options.means')}
          required
          splitChars={['\n']}
          acceptValueOnBlur
          value={options}
          onChange={(next) => {
            setOptions(next);
            if (chosen !== null && !next.includes(chosen)) setChosen(null);
          }}
        />
        <Select
          label={t('web.decision.chosen')}
          required
          data={options}
          value={chosen}
          onChange={setChosen}
          disabled={options.length === 0}
        />
        <Textarea
          label={t('web.decision.reasons')}
          required
          maxLength={5000}
          value={reasons}
          onChange={(event) => setReasons(event.currentTarget.value)}
        />
        <Textarea
          label={t('web.decision.dissent')}
          description={t('web.decision.dissent.means')}
          maxLength={2000}
          value={dissent}
          onChange={(event) => setDissent(event.currentTarget.value)}
        />
        <TextInput
          label={t('web.decision.article')}
          description={t('web.decision.article.means')}
          maxLength={200}
          value={article}
          onChange={(event) => setArticle(event.currentTarget.value)}
        />
        <FormEnd close={close} disabled={!ready} pending={act.isPending}>
          {t('web.decision.record')}
        </FormEnd>
      </form>
    </Panel>
  );
}
