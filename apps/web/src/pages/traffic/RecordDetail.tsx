/** One record opened: its fields with their meaning, its JSON, and the other records of its flow. */

import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { keepFinding } from '../../frame/keep.ts';
import { useNotice } from '../../frame/notices.tsx';
import { Waiting } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { ask } from '../../session/api.ts';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { findingQuery, type RecordTypeView } from '../../session/resources.ts';
import { Value } from '../../values/ValueMenu.tsx';
import { AskPackets } from '../packets/AskPackets.tsx';
import { valuesOf, writeCell, type RecordValues } from './values.ts';

export function RecordDetail({ type, record }: { type: RecordTypeView; record: RecordValues }) {
  const { t, n } = useTexts();
  const { exact } = useInstants();
  const notice = useNotice();
  const [as, setAs] = useState('fields');
  const { finding } = useSearch({ strict: false }) as { finding?: string };
  const uid = typeof record['uid'] === 'string' && record['uid'] !== '' ? record['uid'] : undefined;
  const community = typeof record['community_id'] === 'string' ? record['community_id'] : undefined;
  const copy = (text: string, said: string) =>
    void navigator.clipboard.writeText(text).then(
      () => notice({ text: said }),
      () => notice({ text: t('web.value.notCopied'), bad: true }),
    );
  return (
    <div className="record-detail">
      <div className="record-detail-head">
        <SegmentedControl
          aria-label={t('web.record.as')}
          value={as}
          onChange={setAs}
          data={[
            { value: 'fields', label: t('web.record.fields') },
            { value: 'json', label: 'JSON' },
            ...(uid === undefined ? [] : [{ value: 'flow', label: t('web.record.others') }]),
          ]}
        />
        {community === undefined ? null : (
          <button type="button" className="tool" onClick={() => copy(community, t('web.value.copied', { value: community }))}>
            <Icon name="copy" size={14} />
            <span>community_id</span>
          </button>
        )}
        <button type="button" className="tool" onClick={() => copy(JSON.stringify(record, null, 2), t('web.record.jsonCopied'))}>
          <Icon name="copy" size={14} />
          <span>JSON</span>
        </button>
        {uid === undefined ? null : (
          <Link to="/traffic/flow/$uid" params={{ uid }} search={keepFinding}>
            {t('web.record.flowPage')}
          </Link>
        )}
        {uid === undefined || finding === undefined ? null : <FindingPackets finding={finding} log={type.log} record={record} />}
      </div>
      {as === 'json' ? (
        <pre className="json">{JSON.stringify(record, null, 2)}</pre>
      ) : as === 'flow' && uid !== undefined ? (
        <OtherRecords uid={uid} log={type.log} record={record} />
      ) : (
        <dl className="record-fields">
          {Object.entries(record)
            .filter(([, value]) => value !== undefined && value !== null)
            .map(([name, value]) => {
              const column = type.columns.find((each) => each.name === name);
              const values = valuesOf(value);
              return (
                <div key={name} title={column?.means}>
                  <dt>
                    {name}
                    {column?.class === 'personal' ? <span className="field-class">{t('web.class.personal')}</span> : null}
                    {column?.class === 'content' ? <span className="field-class">{t('web.class.content')}</span> : null}
                  </dt>
                  <dd className="values">
                    {values.length === 0 ? (
                      <span className="absent">–</span>
                    ) : (
                      values.map((each, index) => (
                        <Value
                          // A vector may hold the same value twice.
                          key={index}
                          field={name}
                          value={each}
                          log={type.log}
                          uid={uid}
                          shown={Array.isArray(value) ? each : writeCell(value, column?.type ?? 'string', name, exact, { n })}
                        />
                      ))
                    )}
                  </dd>
                </div>
              );
            })}
        </dl>
      )}
    </div>
  );
}

/** Looked at because of a finding: its packets are one click away. */
function FindingPackets({ finding, log, record }: { finding: string; log: string; record: RecordValues }) {
  const { w } = useTexts();
  const { data } = useQuery(findingQuery(finding));
  const { uid, ts } = record;
  if (data === undefined || typeof uid !== 'string') return null;
  return (
    <AskPackets
      compact
      bound={{ finding }}
      flows={[{ log, uid, ...(typeof ts === 'number' ? { ts } : {}) }]}
      about={w(data.explanation)}
    />
  );
}

export type FlowRecords = { [log: string]: RecordValues[] };

export const flowQuery = (uid: string) => ({
  queryKey: ['flow', uid],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    ask<FlowRecords>('GET', `/flows/${encodeURIComponent(uid)}`, undefined, signal),
});

function OtherRecords({ uid, log, record }: { uid: string; log: string; record: RecordValues }) {
  const { t } = useTexts();
  const query = useQuery(flowQuery(uid));
  return (
    <Waiting query={query}>
      {(flow) => {
        const others = Object.entries(flow).flatMap(([name, records]) =>
          records
            .filter((each) => !(name === log && JSON.stringify(each) === JSON.stringify(record)))
            .map((each) => ({ name, record: each })),
        );
        return others.length === 0 ? (
          <p className="dim">{t('web.record.noOthers')}</p>
        ) : (
          <ul className="flow-records">
            {others.map(({ name, record: other }, index) => (
              // Records have no id of their own.
              <li key={index}>
                <strong className="mono">{name}</strong> <FlowLine record={other} />
              </li>
            ))}
          </ul>
        );
      }}
    </Waiting>
  );
}

/** Fields that say the same in every record of a flow. */
const common = new Set([
  'ts',
  'uid',
  'id.orig_h',
  'id.orig_p',
  'id.resp_h',
  'id.resp_p',
  '_organisation',
  '_sensor',
  '_link',
  '_log',
]);

/** A record in one line: what it says beyond the flow's own addresses. */
export function FlowLine({ record }: { record: RecordValues }) {
  return (
    <span className="flow-line mono">
      {Object.entries(record)
        .filter(([name, value]) => !common.has(name) && value !== null && value !== undefined && value !== '')
        .map(([name, value]) => (
          <span key={name}>
            <span className="dim">{name}=</span>
            {Array.isArray(value) ? value.join(',') : String(value)}
          </span>
        ))}
    </span>
  );
}
