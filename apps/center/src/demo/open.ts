/** Prepares a demo in its folder: the country, its people with their links and tokens, its sensors; and plays it once the centre listens. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '@forewarn/base/refusal';
import type { Accounts } from '@forewarn/guard/accounts';
import type { ContentFile } from '@forewarn/model/content';
import type { Estate } from '@forewarn/model/estate';
import { addPolicy } from '@forewarn/store/resources/links';
import { addSensor, findSensor } from '@forewarn/store/resources/sensors';
import { estateKinds, readEstate, writeEstate } from '@forewarn/store/resources/estate';
import { vulnerabilityImports } from '@forewarn/store/resources/vulnerabilities';
import type { Center, DemoPerson } from '../center-parts.ts';
import { contentFolder } from '../content.ts';
import { systemAccount } from '../act.ts';
import { takeVulnerabilities } from '../exposure/take.ts';
import { readEstateFolder } from '../estate/folder.ts';
import { startDemo, type Demo } from './demo.ts';
import type { Person } from './people.ts';

export type OpenDemo = { people: DemoPerson[]; play(url: string): Demo };

/** How long before the first start the links' policies were set: a day. */
const policySeconds = 86_400;

/** The name of the tokens under which the demo's people act; each start makes them anew. */
const tokenName = 'demo';

export async function openDemo(options: {
  center: Center;
  accounts: Accounts;
  folder: string;
  content: readonly ContentFile[];
}): Promise<OpenDemo> {
  const { center, accounts, folder, content } = options;
  const country = await readEstateFolder(join(contentFolder, 'estate/demo'), center.content.texts.en);
  await center.database.system(async (tx) => {
    // A folder of an earlier release lacks what the country has gained since; what it has stays as people have changed it.
    await writeEstate(tx, missingOf(country.estate, await readEstate(tx)));
  });
  center.estate.forget();
  await bringVulnerabilities(center);

  const people: DemoPerson[] = [];
  const acting: Person[] = [];
  for (const person of country.people) {
    const { email, name, organisation, role } = person;
    const { account, linkToken } = await accounts.demoPerson({ email, name, organisation, role });
    people.push({ account, name, organisation, role, link: linkToken });
    const headers = new Headers();
    const cookies = await accounts.signInByLink(linkToken, headers);
    headers.set('cookie', cookies.map((cookie) => cookie.split(';')[0]).join('; '));
    const principal = await accounts.authenticate(headers);
    if (!principal) throw new Error(`The demo's ${name} could not sign in.`);
    for (const old of await accounts.tokens(principal)) if (old.name === tokenName) await accounts.deleteToken(principal, old.id);
    acting.push({
      organisation,
      role,
      token: (await accounts.createToken(principal, { name: tokenName, expiresAt: null })).token,
    });
    await accounts.signOut(headers);
  }

  const sensors: { id: string; organisation: string; token: string }[] = [];
  const officer = { ...people.find(({ role }) => role === 'administrator')! };
  for (const sensor of country.sensors) {
    await center.database.system(async (tx) => {
      if (!(await findSensor(tx, sensor.id))) await addSensor(tx, { ...sensor, createdAt: center.clock.now() });
    });
    const token = await accounts.createSensorToken(
      {
        kind: 'person',
        account: officer.account,
        name: officer.name,
        organisation: officer.organisation,
        centre: true,
        role: 'administrator',
        permissions: new Set(['accounts:write']),
        demo: true,
        sensor: null,
      },
      sensor,
    );
    sensors.push({ id: sensor.id, organisation: sensor.organisation, token });
  }
  // Set before the stories begin, as it would have been by people who know which links are theirs to watch.
  await center.database.system(async (tx) => {
    for (const { link, by, ...policy } of country.policies) {
      const { organisation } = country.estate.links.find(({ id }) => id === link)!;
      const person = country.people.find(({ account }) => account === by)!;
      const account = people.find(({ name }) => name === person.name)!.account;
      const at = center.clock.now() - policySeconds;
      // A link that has a policy already keeps it.
      await addPolicy(tx, { link, organisation, after: 0, policy: { ...policy, content: [] }, at, by: account });
    }
  });
  const networks = new Map<string, string[]>();
  for (const { organisation, addresses } of country.estate.networks) {
    networks.set(organisation, [...(networks.get(organisation) ?? []), ...addresses]);
  }
  return {
    people,
    play: (url) =>
      startDemo({
        url,
        folder,
        content,
        people: acting,
        sensors,
        networksOf: (organisation) => networks.get(organisation) ?? [],
        now: center.clock.now,
        onTrouble: (what, error) => center.log.warn({ err: error }, `demo: ${what}`),
      }),
  };
}

/** Published vulnerabilities of some of the country's products; a folder that has any keeps them as they are. */
async function bringVulnerabilities(center: Center): Promise<void> {
  if ((await center.database.system(vulnerabilityImports)).length > 0) return;
  const { centre } = await center.estate.index();
  const doer = { account: systemAccount, organisation: centre!.id, demo: true };
  for (const name of ['vulnerabilities.csv', 'known-exploited.json']) {
    const text = await readFile(join(contentFolder, 'exposure/demo', name), 'utf8');
    const { refusals } = await takeVulnerabilities(center, doer, { name, text });
    const { message, place, code } = refusals[0] ?? {};
    if (code !== undefined) throw new Refusal(code, message!, { place: { file: `exposure/demo/${name}`, ...place } });
  }
}

/** Items of the estate that the other has not. */
function missingOf(estate: Estate, known: Estate): Partial<Estate> {
  return Object.fromEntries(
    estateKinds.map((kind) => {
      const ids = new Set(known[kind].map(({ id }) => id));
      return [kind, estate[kind].filter(({ id }) => !ids.has(id))];
    }),
  );
}
