/** One report: the sheet itself, as its reader has it, and beside it whom it reached and what can be done. */

import type { ReportView } from '@forewarn/model/report';
import { languages, type Language } from '@forewarn/model/text';
import { Button, Modal, SegmentedControl, Select, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { keepView } from '../../frame/keep.ts';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { At, TlpBadge } from '../../marks/Marks.tsx';
import { personName, useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { useNamedWords, useOrganisationName } from '../../session/resources.ts';
import { filePath, reportQuery, sheetQuery, touched } from './queries.ts';
import { Release } from './Release.tsx';
import { stateKeys } from './Reports.tsx';

export function Report() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t } = useTexts();
  const query = useQuery(reportQuery(id));
  if (query.data === undefined) {
    return (
      <Page title={t('reports.page')}>
        <Waiting query={query}>{() => null}</Waiting>
      </Page>
    );
  }
  return <ReportBody report={query.data} />;
}

const languageKeys: { readonly [language in Language]: string } = { en: 'reports.language.en', zh: 'reports.language.zh' };

function ReportBody({ report }: { report: ReportView }) {
  const { t, l, language: own } = useTexts();
  const name = useOrganisationName();
  const [language, setLanguage] = useState<Language>(own);
  /** Whose copy is shown; undefined: the own. */
  const [copy, setCopy] = useState<string | undefined>(undefined);
  const digest = report.recipients.find(({ organisation }) => organisation === copy)?.digest ?? report.digest;
  const sheet = useQuery(sheetQuery(report.id, digest, language, copy));
  const file = (format: 'html' | 'pdf'): string => `/api/v1${filePath(report.id, { format, language, copy })}`;
  const copies = report.recipients.filter(({ organisation }) => organisation !== report.owner);
  return (
    <Page
      title={`${report.number} ${l(report.title)}`}
      heading={
        <ItemHead up={{ to: '/reports', name: t('reports.page') }} title={l(report.title)}>
          <span className="mono">{report.number}</span>
          <span className="state-word" data-state={report.state}>
            {t(stateKeys[report.state])}
          </span>
          <TlpBadge marking={report.marking} />
        </ItemHead>
      }
      tools={<Acts report={report} />}
      aside={<Aside report={report} />}
      asideLabel={t('reports.recipients')}
    >
      <Panel
        title={t('reports.sheet')}
        tools={
          <span className="report-tools">
            {copies.length > 1 || (copies.length === 1 && report.owner !== copies[0]!.organisation) ? (
              <Select
                size="xs"
                aria-label={t('reports.copy')}
                value={copy ?? ''}
                allowDeselect={false}
                onChange={(value) => setCopy(value === null || value === '' ? undefined : value)}
                data={[
                  { value: '', label: t('reports.copy.own') },
                  ...copies.map(({ organisation }) => ({ value: organisation, label: name(organisation) })),
                ]}
              />
            ) : null}
            <SegmentedControl
              size="xs"
              aria-label={t('reports.language')}
              value={language}
              onChange={(value) => setLanguage(value as Language)}
              data={languages.map((value) => ({ value, label: t(languageKeys[value]) }))}
            />
            <Button component="a" size="xs" variant="default" href={file('pdf')} download>
              {t('reports.pdf')}
            </Button>
            <Button component="a" size="xs" variant="default" href={file('html')} download>
              {t('reports.html')}
            </Button>
          </span>
        }
      >
        <Waiting query={sheet}>
          {(html) => (
            // Nothing in it runs, and it reaches nothing of this page: what stands in it was partly written by others.
            <iframe className="report-sheet" sandbox="" srcDoc={html} title={`${report.number} ${l(report.title)}`} />
          )}
        </Waiting>
      </Panel>
    </Page>
  );
}

function Aside({ report }: { report: ReportView }) {
  const { t, language } = useTexts();
  const w = useNamedWords();
  const actor = useActorName();
  const name = useOrganisationName();
  return (
    <>
      <Panel title={t('reports.about.this')}>
        <dl className="pairs">
          <Pair term={t('reports.owner')}>{name(report.owner)}</Pair>
          {report.subject === null ? null : (
            <Pair term={t('reports.subject')}>
              <Link
                to={report.subject.kind === 'incident' ? '/incidents/$id' : '/warnings/$id'}
                params={{ id: report.subject.id }}
                search={keepView}
                className="mono"
              >
                {report.subject.number}
              </Link>
            </Pair>
          )}
          <Pair term={t('reports.span')}>
            {report.from === report.to ? null : (
              <>
                <At at={report.from} exact /> –{' '}
              </>
            )}
            <At at={report.to} exact />
          </Pair>
          <Pair term={t('reports.madeBy')}>
            {report.madeBy === null ? t('reports.bySchedule') : actor(report.madeBy)} · <At at={report.madeAt} exact />
          </Pair>
          {report.releasedAt === null ? null : (
            <Pair term={t('reports.releasedBy')}>
              {personName(report.releasedBy ?? '', language)} · <At at={report.releasedAt} exact />
            </Pair>
          )}
          {report.reason === null ? null : <Pair term={t('reports.droppedBecause')}>{report.reason}</Pair>}
          <Pair term={t('reports.digest')}>
            <span className="mono small report-digest">{report.digest}</span>
          </Pair>
        </dl>
        <p className="dim small">{t('reports.digest.means')}</p>
      </Panel>
      <Panel title={t('reports.recipients')} count={report.recipients.length === 0 ? undefined : report.recipients.length}>
        {report.recipients.length === 0 ? (
          <Empty icon="send" title={t('reports.recipients.none')}>
            {t('reports.recipients.none.means')}
          </Empty>
        ) : (
          <ul className="audience">
            {report.recipients.map((each) => (
              <li key={each.organisation}>
                <div className="audience-head">
                  <strong>{name(each.organisation)}</strong>
                  <span className="audience-state" data-acknowledged={each.openedAt !== null || undefined}>
                    <Icon name={each.openedAt === null ? 'clock' : 'check'} size={14} />
                    {each.openedAt === null ? (
                      t('reports.notOpened')
                    ) : (
                      <>
                        {t('reports.openedAt')} <At at={each.openedAt} />
                      </>
                    )}
                  </span>
                </div>
                <ul className="reasons dim small">
                  {each.reasons.map((reason, index) => (
                    // Reasons have no id and never change places.
                    <li key={index}>{w(reason)}</li>
                  ))}
                </ul>
                <TlpBadge marking={each.marking} />
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </>
  );
}

function Pair({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Acts({ report }: { report: ReportView }) {
  const { t } = useTexts();
  const may = useMay();
  const me = useMe();
  const [open, setOpen] = useState<'remark' | 'release' | 'drop' | null>(null);
  if (report.state !== 'draft' || report.owner !== me.organisation.id || !may('reports:write')) return null;
  const close = (): void => setOpen(null);
  return (
    <>
      <Button variant="default" onClick={() => setOpen('drop')}>
        {t('reports.drop')}
      </Button>
      <Button variant="default" onClick={() => setOpen('remark')}>
        {t(report.remark === null ? 'reports.remark.add' : 'reports.remark.change')}
      </Button>
      {may('reports:release') ? (
        <Button leftSection={<Icon name="send" />} onClick={() => setOpen('release')}>
          {t('reports.release')}
        </Button>
      ) : null}
      {open === 'release' ? <Release report={report} close={close} /> : null}
      {open === 'remark' || open === 'drop' ? <Write key={open} report={report} kind={open} close={close} /> : null}
    </>
  );
}

function Write({ report, kind, close }: { report: ReportView; kind: 'remark' | 'drop'; close: () => void }) {
  const { t } = useTexts();
  const [text, setText] = useState(kind === 'remark' ? (report.remark ?? '') : '');
  const act = useAct(touched, close);
  const path = `/reports/${encodeURIComponent(report.id)}/${kind}`;
  const ready = kind === 'remark' || text.trim() !== '';
  return (
    <Modal
      opened
      onClose={close}
      title={t(kind === 'remark' ? 'reports.remark' : 'reports.drop')}
      closeButtonProps={{ 'aria-label': t('web.close') }}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          if (kind === 'remark')
            act.mutate({ method: 'PUT', path, body: { remark: text.trim() }, done: t('reports.remark.done') });
          else act.mutate({ method: 'POST', path, body: { reason: text.trim() }, done: t('reports.dropped.done') });
        }}
      >
        <p className="prose dim">{t(kind === 'remark' ? 'reports.remark.means' : 'reports.drop.means')}</p>
        <Textarea
          label={t(kind === 'remark' ? 'reports.remark' : 'web.reason')}
          required={kind === 'drop'}
          autosize
          minRows={4}
          maxRows={16}
          maxLength={kind === 'remark' ? 5000 : 1000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <FormEnd close={close} disabled={!ready} pending={act.isPending}>
          {t(kind === 'remark' ? 'reports.remark.save' : 'reports.drop')}
        </FormEnd>
      </form>
    </Modal>
  );
}
