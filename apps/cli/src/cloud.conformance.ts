/**
 * The product's own cloud rules on public labelled events: for each rule the behaviours that it is written for, its balanced accuracy on their events,
 * and that it says nothing on all the others of its log.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contentFolder, readContentFiles } from '@forewarn/center/content';
import { assembleDetection } from '@forewarn/detect/content';
import { compile } from '@forewarn/model/query/evaluate';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createLogIntake } from '@forewarn/sense/logs/intake';

const root = new URL('../../../', import.meta.url).pathname;
const file = join(process.env['FOREWARN_DATA_SET'] ?? join(root, '../shared/data'), 'host/cloud-audit/labelled_events.jsonl');
const present = existsSync(file);
if (!present) console.log(`not run: the data set is missing (${file})`);

/** What each rule is about, by the names that the events are labelled with. */
const covers: { [rule: string]: readonly string[] } = {
  'aws-recording-weakened': [
    'AWS.CloudTrail.EventSelectorsDisabled',
    'AWS.CloudTrail.DNSLogsDeleted',
    'AWS.Bedrock.DeleteModelInvocationLoggingConfiguration',
  ],
  'aws-snapshot-given-away': ['AWS.CloudTrail.SnapshotMadePublic', 'AWS.RDS.SnapshotShared'],
  'aws-key-for-another': ['AWS.IAM.Backdoor.User.Keys'],
  'aws-root-key': ['AWS.CloudTrail.RootAccessKeyCreated'],
  'aws-traffic-copied': ['AWS.EC2.Traffic.Mirroring'],
  'aws-recovery-removed': [
    'AWS.S3.SuspendVersioning',
    'AWS.S3.DeleteBucketReplication',
    'AWS.RDS.AutomatedBackupDeleted',
    'AWS.RDS.DeletionProtectionDisabled',
  ],
  'aws-data-deleted': ['AWS.RDS.InstanceDeletion', 'AWS.S3.BucketDeleted', 'AWS.RDS.SnapshotDeleted'],
  'aws-start-script-changed': ['AWS.EC2.Startup.Script.Change'],
  'aws-leaves-organisation': ['AWS.CloudTrail.AttemptToLeaveOrg'],
  'azure-alerting-weakened': [
    'Azure.MonitorActivity.DiagnosticSettings.Deleted',
    'Azure.MonitorActivity.AlertRules.Deleted',
    'Azure.MonitorActivity.Security.AlertSuppressionRuleCreated',
  ],
  'azure-recovery-removed': [
    'Azure.MonitorActivity.Storage.ImmutabilityPolicyDeleted',
    'Azure.MonitorActivity.KeyVault.KeyPurged',
  ],
  'azure-resources-deleted': ['Azure.MonitorActivity.ResourceGroup.Deleted', 'Azure.MonitorActivity.SQL.ServerDeleted'],
  'azure-packets-captured': ['Azure.MonitorActivity.Network.PacketCaptureEnabled'],
  'azure-storage-opened': ['Azure.MonitorActivity.StorageAccount.BlobAnonymousAccessEnabled'],
  'azure-access-elevated': ['Azure.Audit.ElevateUserAccessAdministrator'],
  'azure-password-without-second': ['Azure.Audit.ROPCLoginNoMFA'],
  'azure-device-code-broker': ['Azure.Audit.DeviceCodeBrokerClient'],
  'gcp-token-of-service-account': [
    'GCP.IAM.serviceAccounts.signJwt.Privilege.Escalation',
    'GCP.IAM.serviceAccounts.getAccessToken.Privilege.Escalation',
  ],
  'gcp-deployment-with-rights': [
    'GCP.Privilege.Escalation.By.Deployments.Create',
    'GCP.CloudBuild.Potential.Privilege.Escalation',
  ],
  'gcp-bucket-for-everybody': ['GCP.GCS.Public'],
  'gcp-sign-in-trust-changed': ['GCP.Workforce.Pool.Created.or.Updated'],
  'github-branch-unprotected': ['GitHub.Branch.ProtectionDisabled', 'GitHub.Branch.PolicyOverride'],
  'github-scanning-off': ['GitHub.Advanced.Security.Change'],
  'github-sign-in-changed': ['GitHub.Org.AuthChange', 'GitHub.Org.IpAllowlist'],
  'okta-second-factor-removed': ['Okta.Global.MFA.Disabled', 'Okta.User.MFA.Reset.All'],
  'okta-sign-in-trust-changed': ['Okta.Identity.Provider.Created.Modified'],
  'okta-rights-given': ['Okta.AdminRoleAssigned'],
};

type Labelled = { rule: string; name: string; expected: boolean; log: string; record: AnyRecord };

/** Who gathered the events wrote the names of some fields of Okta small; they get their own names back. */
function withOktasNames(event: { [name: string]: unknown }): { [name: string]: unknown } {
  if (!('eventtype' in event)) return event;
  const names: { [small: string]: string } = {
    eventtype: 'eventType',
    displaymessage: 'displayMessage',
    legacyeventtype: 'legacyEventType',
  };
  return Object.fromEntries(Object.entries(event).map(([name, value]) => [names[name] ?? name, value]));
}

function events(): Labelled[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => {
      const { rule, name, expected, event } = JSON.parse(line) as Labelled & { event: { [name: string]: unknown } };
      const read: Labelled[] = [];
      const intake = createLogIntake(
        { name: 'other' },
        { record: (log, record) => void read.push({ rule, name, expected, log, record }) },
      );
      intake.event(withOktasNames(event));
      intake.flush();
      return read;
    });
}

/** The middle of how often it holds where it should and how often it is silent where it should; of what there is, where one is missing. */
function balanced(right: readonly boolean[], wrong: readonly boolean[]): number {
  const rates = [right, wrong].filter((of) => of.length > 0).map((of) => of.filter(Boolean).length / of.length);
  return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}

describe.skipIf(!present)("the product's cloud rules on labelled events", async () => {
  const { content } = assembleDetection(await readContentFiles(contentFolder, ['rules', 'behaviours', 'indicators']));
  const labelled = present ? events() : [];
  const rules = content.rules.filter(({ place }) => place.file!.startsWith('rules/cloud/'));
  const nameOf = (path: string): string => path.split('/').at(-1)!.replace('.yaml', '');

  test('balanced accuracy of each, and of all together, is 0.95 or better', () => {
    expect(rules.map(({ place }) => nameOf(place.file!)).sort()).toEqual(Object.keys(covers).sort());
    const all = { right: [] as boolean[], wrong: [] as boolean[] };
    const below: string[] = [];
    for (const { predicate, place, logs } of rules) {
      const holds = compile(predicate);
      const name = nameOf(place.file!);
      const own = labelled.filter(({ rule }) => covers[name]!.includes(rule));
      const said = ({ log, record }: Labelled): boolean => logs.includes(log) && holds(record);
      const right = own.filter(({ expected }) => expected).map(said);
      const wrong = own.filter(({ expected }) => !expected).map((one) => !said(one));
      all.right.push(...right);
      all.wrong.push(...wrong);
      const accuracy = balanced(right, wrong);
      console.log(
        `${accuracy.toFixed(2)} ${name}: ${right.filter(Boolean).length} of ${right.length} found, ${wrong.filter(Boolean).length} of ${wrong.length} left alone`,
      );
      if (accuracy < 0.95) {
        below.push(name);
        for (const one of own)
          if (said(one) !== one.expected) console.log(`  ${one.expected ? 'missed' : 'wrong'}: ${one.rule} "${one.name}"`);
      }
      expect(own.length).toBeGreaterThan(0);
    }
    const together = balanced(all.right, all.wrong);
    console.log(
      `${together.toFixed(3)} all: ${all.right.length} events that should be found, ${all.wrong.length} that should not`,
    );
    expect(below).toEqual([]);
    expect(together).toBeGreaterThanOrEqual(0.95);
  });

  test('on the events of other behaviours, what they say besides is named', () => {
    const besides: string[] = [];
    for (const { predicate, place, logs } of rules) {
      const holds = compile(predicate);
      const name = nameOf(place.file!);
      for (const one of labelled) {
        if (covers[name]!.includes(one.rule) || !logs.includes(one.log) || !holds(one.record)) continue;
        besides.push(`${name}: ${one.rule} "${one.name}"`);
      }
    }
    console.log(`${besides.length} further hits among ${labelled.length} events`);
    for (const line of besides) console.log(`  ${line}`);
    expect(besides.length).toBeLessThan(labelled.length * 0.1);
  });
});
