/** Is this value on a list? As anybody writes it, defanged or not; what a warning list says of it; and a person's permission. */

import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { keepView } from '../../frame/keep.ts';
import { Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { ConfidenceBar } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { shownIndicator } from '../../values/defang.ts';
import { lookUpQuery } from './queries.ts';

export function LookUp() {
  const { t, w } = useTexts();
  const may = useMay();
  const [typed, setTyped] = useState('');
  const [asked, setAsked] = useState('');
  const [allowing, setAllowing] = useState(false);
  const query = useQuery(lookUpQuery(asked));
  return (
    <Panel title={t('indicators.lookUp')}>
      <form
        className="form-row"
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(typed.trim());
        }}
      >
        <TextInput
          className="grow"
          label={t('indicators.value')}
          description={t('indicators.value.means')}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          spellCheck={false}
          autoComplete="off"
        />
        <Button type="submit" variant="default" disabled={typed.trim() === ''}>
          {t('indicators.ask')}
        </Button>
      </form>
      {asked === '' ? null : (
        <div aria-live="polite">
          <Waiting query={query}>
            {(answer) => (
              <>
                <p className="panel-note">
                  {t(answer.listed.length === 0 ? 'indicators.notListed' : 'indicators.listed', {
                    value: shownIndicator(answer.value),
                    kind: t(`detect.indicator.kind.${answer.kind}`),
                    count: answer.listed.length,
                  })}
                </p>
                {answer.warning === null ? null : (
                  <p className="panel-note">
                    {t('indicators.warned', { reason: answer.warning })}{' '}
                    {answer.allowed !== null ? (
                      t('indicators.allowed', { reason: answer.allowed.reason })
                    ) : may('indicators:write') ? (
                      <button type="button" className="link" onClick={() => setAllowing(true)}>
                        {t('indicators.allow')}
                      </button>
                    ) : null}
                  </p>
                )}
                {answer.listed.length === 0 ? null : (
                  <Table
                    label={t('indicators.listedOn')}
                    form="cards"
                    rows={answer.listed.map((one, index) => ({ ...one, index }))}
                    keyOf={({ index }) => index}
                    over={({ rests }) => rests}
                    columns={[
                      {
                        head: t('indicators.name'),
                        main: true,
                        cell: ({ list, source }) =>
                          list === '' ? (
                            source
                          ) : (
                            <Link data-open to="/indicators/$id" params={{ id: list }} search={keepView}>
                              {source}
                            </Link>
                          ),
                      },
                      { head: t('indicators.as'), className: 'mono breakable', cell: ({ value }) => shownIndicator(value) },
                      {
                        head: t('indicators.worth'),
                        cell: ({ confidence, parts, rests }) => (
                          <div>
                            <ConfidenceBar value={confidence} />
                            <div className="dim small">
                              {w(parts)} {rests ? t('indicators.rests') : null}
                            </div>
                          </div>
                        ),
                      },
                      {
                        head: t('indicators.note'),
                        className: 'breakable',
                        cell: ({ note, technique }) => [technique, note].filter(Boolean).join(' · ') || '–',
                      },
                    ]}
                  />
                )}
                {allowing ? <Allow value={answer.value} close={() => setAllowing(false)} /> : null}
              </>
            )}
          </Waiting>
        </div>
      )}
    </Panel>
  );
}

function Allow({ value, close }: { value: string; close: () => void }) {
  const { t } = useTexts();
  const [reason, setReason] = useState('');
  const act = useAct(['indicator-lists'], close);
  return (
    <Modal opened onClose={close} title={t('indicators.allow')} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate({
            method: 'POST',
            path: '/indicators/allowed',
            body: { value, reason: reason.trim() },
            done: t('indicators.allow.done', { value: shownIndicator(value) }),
          });
        }}
      >
        <p className="prose dim">{t('indicators.allow.means', { value: shownIndicator(value) })}</p>
        <Textarea
          data-autofocus
          label={t('indicators.reason')}
          required
          autosize
          minRows={2}
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <FormEnd close={close} disabled={reason.trim() === ''} pending={act.isPending}>
          {t('indicators.allow')}
        </FormEnd>
      </form>
    </Modal>
  );
}
