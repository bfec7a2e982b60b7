/**
 * From a finding to its packets: one click says which flow and why, the second has them fetched. Each look is written into the audit,
 * bound to the finding, and the person is told so before.
 */

import type { PacketRequestView } from '@forewarn/model/api';
import { Button, Modal, Select, Textarea } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { keepView } from '../../frame/keep.ts';
import { Icon } from '../../look/icons.tsx';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';

export type AskedFlow = { log: string; uid: string; ts?: number };

/** What packets are asked for because of; the one or the other. */
export type Bound = { finding: string } | { incident: string };

/** Longest purpose that the centre takes. */
const purposeMax = 500;

export function AskPackets({
  bound,
  flows,
  about,
  compact = false,
}: {
  bound: Bound;
  /** Flows to choose among; the first is the likeliest. */
  flows: readonly AskedFlow[];
  /** What was found, as a sentence: the purpose unless somebody writes another. */
  about: string;
  compact?: boolean;
}) {
  const { t } = useTexts();
  const may = useMay();
  const [open, setOpen] = useState(false);
  const known = flows.filter(({ uid }) => uid !== '');
  if (!may('packets:read') || known.length === 0) return null;
  return (
    <>
      {compact ? (
        <button type="button" className="tool" onClick={() => setOpen(true)}>
          <Icon name="packets" size={14} />
          <span>{t('web.packets')}</span>
        </button>
      ) : (
        <Button variant="default" leftSection={<Icon name="packets" />} onClick={() => setOpen(true)}>
          {t('web.packets')}
        </Button>
      )}
      {open ? <AskForm bound={bound} flows={known} about={about} close={() => setOpen(false)} /> : null}
    </>
  );
}

function AskForm({
  bound,
  flows,
  about,
  close,
}: {
  bound: Bound;
  flows: readonly AskedFlow[];
  about: string;
  close: () => void;
}) {
  const { t } = useTexts();
  const { exact } = useInstants();
  const navigate = useNavigate();
  const [at, setAt] = useState(0);
  const [purpose, setPurpose] = useState(() => t('web.packets.ask.purpose.first', { about }).slice(0, purposeMax));
  const act = useAct<PacketRequestView>(['packet-requests'], ({ id }) => {
    close();
    void navigate({ to: '/packets/$id', params: { id }, search: keepView });
  });
  // A flow has several records; it is asked for once.
  const distinct = flows.filter(({ uid }, index) => flows.findIndex((each) => each.uid === uid) === index);
  const flow = distinct[at] ?? distinct[0]!;
  const label = ({ log, uid, ts }: AskedFlow) => `${ts === undefined ? '' : `${exact(ts)} · `}${log} · ${uid}`;
  return (
    <Modal opened onClose={close} title={t('web.packets.ask')} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate({ method: 'POST', path: '/packet-requests', body: { ...flow, ...bound, purpose: purpose.trim() } });
        }}
      >
        <p className="prose dim">{t('web.packets.ask.means')}</p>
        {distinct.length === 1 ? (
          <p className="mono small">{label(flow)}</p>
        ) : (
          <Select
            label={t('web.packets.ask.flow')}
            description={t('web.packets.ask.flow.means')}
            data={distinct.map((each, index) => ({ value: String(index), label: label(each) }))}
            value={String(at)}
            allowDeselect={false}
            onChange={(chosen) => setAt(Number(chosen ?? 0))}
          />
        )}
        <Textarea
          label={t('web.links.purpose')}
          description={t('web.packets.ask.purpose.means')}
          autosize
          minRows={2}
          maxRows={5}
          maxLength={purposeMax}
          required
          value={purpose}
          onChange={(event) => setPurpose(event.currentTarget.value)}
        />
        <div className="form-end">
          <Button type="submit" data-autofocus loading={act.isPending} disabled={purpose.trim() === ''}>
            {t('web.packets.ask.send')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
