/** ATT&CK techniques by name; each leads to the findings that show it. The names are those of ATT&CK Enterprise and ICS. */

import { Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTexts } from '../session/language.tsx';

/** The techniques that shipped rules and behaviours speak of. Others show their id alone. */
const names: { readonly [id: string]: string } = {
  T1005: 'web.technique.T1005',
  T1018: 'web.technique.T1018',
  T1021: 'web.technique.T1021',
  T1040: 'web.technique.T1040',
  T1041: 'web.technique.T1041',
  T1046: 'web.technique.T1046',
  T1048: 'web.technique.T1048',
  T1059: 'web.technique.T1059',
  T1071: 'web.technique.T1071',
  'T1071.001': 'web.technique.T1071.001',
  'T1071.004': 'web.technique.T1071.004',
  T1078: 'web.technique.T1078',
  T1090: 'web.technique.T1090',
  T1095: 'web.technique.T1095',
  T1102: 'web.technique.T1102',
  T1105: 'web.technique.T1105',
  T1110: 'web.technique.T1110',
  'T1110.001': 'web.technique.T1110.001',
  'T1110.003': 'web.technique.T1110.003',
  T1132: 'web.technique.T1132',
  T1133: 'web.technique.T1133',
  T1189: 'web.technique.T1189',
  T1190: 'web.technique.T1190',
  T1204: 'web.technique.T1204',
  T1498: 'web.technique.T1498',
  T1499: 'web.technique.T1499',
  T1505: 'web.technique.T1505',
  'T1505.003': 'web.technique.T1505.003',
  T1566: 'web.technique.T1566',
  'T1566.002': 'web.technique.T1566.002',
  T1567: 'web.technique.T1567',
  T1568: 'web.technique.T1568',
  T1571: 'web.technique.T1571',
  T1572: 'web.technique.T1572',
  T1573: 'web.technique.T1573',
  T1583: 'web.technique.T1583',
  T1595: 'web.technique.T1595',
  T0801: 'web.technique.T0801',
  T0831: 'web.technique.T0831',
  T0836: 'web.technique.T0836',
  T0846: 'web.technique.T0846',
  T0855: 'web.technique.T0855',
  T0886: 'web.technique.T0886',
};

export function useTechniqueName(): (id: string) => string | null {
  const { t } = useTexts();
  return (id) => {
    const key = names[id] ?? names[id.split('.')[0]!];
    return key === undefined ? null : t(key);
  };
}

export function Technique({ id }: { id: string }) {
  const { t } = useTexts();
  const name = useTechniqueName()(id);
  return (
    <Tooltip label={t('web.technique.findings', { id })}>
      <Link
        to="/findings"
        search={
          ((previous: Record<string, unknown>) => ({
            ...(previous['range'] === undefined ? {} : { range: previous['range'] }),
            q: `technique:${id}`,
          })) as never
        }
        className="technique"
      >
        {name === null ? id : name} {name === null ? null : <span className="dim mono">{id}</span>}
      </Link>
    </Tooltip>
  );
}
