import type { IncidentView } from '@forewarn/model/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { keepAnd } from '../../frame/keep.ts';
import { Empty, Waiting } from '../../frame/Page.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { warningsQuery } from '../../session/resources.ts';
import { WarningTable } from '../warnings/WarningTable.tsx';

/** What went out about this incident, and who has taken note. */
export function Communications({ incident }: { incident: IncidentView }) {
  const { t } = useTexts();
  const may = useMay();
  const navigate = useNavigate();
  const query = useQuery(warningsQuery);
  return (
    <Waiting query={query}>
      {(data) => {
        const own = data.items.filter((warning) => warning.incident === incident.id || incident.warnings.includes(warning.id));
        return own.length === 0 ? (
          <Empty
            icon="warnings"
            title={t('web.communications.none')}
            action={
              may('warnings:draft') ? (
                <Button
                  variant="default"
                  onClick={() => void navigate({ to: '/warnings/new', search: keepAnd({ incident: incident.id }) })}
                >
                  {t('web.warnings.new')}
                </Button>
              ) : undefined
            }
          >
            {t('web.communications.none.means')}
          </Empty>
        ) : (
          <WarningTable warnings={own} />
        );
      }}
    </Waiting>
  );
}
