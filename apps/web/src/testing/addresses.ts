/** The address of every page, with things of the demo where a page is about one. */

import type { Page } from 'playwright-core';

export async function addresses(page: Page): Promise<string[]> {
  const first = async (path: string) =>
    ((await (await page.request.get(`/api/v1${path}`)).json()) as { items: { id: string }[] }).items[0]?.id;
  const [incident, warning, finding] = [await first('/incidents'), await first('/warnings'), await first('/findings')];
  const sensor = await first('/sensors');
  const link = await first('/links');
  return [
    ...['situation', 'situation/whole/whole', 'situation/organisation/hospital', 'situation/ratio', 'wall'].map(
      (name) => `/${name}`,
    ),
    ...['incidents', 'incidents?as=list', 'campaigns', 'quantification'].map((name) => `/${name}`),
    `/grading?incident=${incident ?? ''}`,
    ...(incident === undefined
      ? []
      : ['summary', 'timeline', 'findings', 'tasks', 'facts', 'forecast', 'causes', 'decisions', 'communications'].map(
          (tab) => `/incidents/${incident}?tab=${tab}`,
        )),
    '/warnings',
    '/warnings/new',
    '/reports',
    ...(warning === undefined ? [] : [`/warnings/${warning}`]),
    '/findings',
    '/findings?by=none',
    '/exceptions',
    '/rules',
    '/rules/behaviour%3Ascan',
    ...(finding === undefined ? [] : [`/findings/${finding}`]),
    ...['conn', 'dns', 'x509', 'weird'].map((log) => `/traffic/${log}`),
    '/attack',
    '/hunt',
    '/entities/host/10.60.1.10',
    '/entities/domain/city.example',
    '/entities/account/p-0',
    `/hunt?ask=${encodeURIComponent('conn | summarize n = count() by id.resp_h, bin(ts, 1m)')}`,
    ...['organisations', 'assets', 'assets/hospital-records', 'tree', 'start'].map((name) => `/estate/${name}`),
    '/sensors',
    ...(sensor === undefined ? [] : [`/sensors/${sensor}`]),
    ...['exposure', 'links', 'coverage', 'forecast', 'causes'].map((name) => `/${name}`),
    ...['exposure/CVE-2023-46604~talk-accounts-activemq', 'vulnerabilities/CVE-2022-38465'].map((one) => `/${one}`),
    ...(link === undefined ? [] : [`/links/${link}`]),
    ...['audit', 'channels', 'accounts', 'accounts?tab=sensors', 'account'].map((name) => `/${name}`),
  ];
}
