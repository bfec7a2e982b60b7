/** Names of products as their specifications write them. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareCpePart, cpeMeans, packageKey, parseCpe, parsePackageUrl } from './packages.ts';

describe('package URLs', () => {
  test('the examples of the specification', () => {
    const read = (text: string) => {
      const { type, namespace, name, version } = parsePackageUrl(text)!;
      return [type, namespace, name, version];
    };
    expect(read('pkg:bitbucket/birKenfeld/pyGments-main@244fd47e07d1014f0aed9c')).toEqual(['bitbucket', 'birkenfeld', 'pygments-main', '244fd47e07d1014f0aed9c']); // oxfmt-ignore
    expect(read('pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie')).toEqual(['deb', 'debian', 'curl', '7.50.3-1']);
    expect(read('pkg:docker/customer/dockerimage@sha256%3A244fd47e07d1004f0aed9c?repository_url=gcr.io')).toEqual(['docker', 'customer', 'dockerimage', 'sha256:244fd47e07d1004f0aed9c']); // oxfmt-ignore
    expect(read('pkg:golang/google.golang.org/genproto#googleapis/api/annotations')).toEqual(['golang', 'google.golang.org', 'genproto', '']); // oxfmt-ignore
    expect(read('pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1?packaging=sources')).toEqual(['maven', 'org.apache.xmlgraphics', 'batik-anim', '1.9.1']); // oxfmt-ignore
    expect(read('pkg:npm/%40angular/animation@12.3.1')).toEqual(['npm', '@angular', 'animation', '12.3.1']);
    expect(read('pkg:npm/@angular/animation')).toEqual(['npm', '@angular', 'animation', '']);
    expect(read('pkg:pypi/Django_package@1.11.1.dev1')).toEqual(['pypi', '', 'django-package', '1.11.1.dev1']);
    expect(read('pkg:rpm/opensuse/curl@7.56.1-1.1.?arch=i386&distro=opensuse-tumbleweed')).toEqual(['rpm', 'opensuse', 'curl', '7.56.1-1.1.']); // oxfmt-ignore
    expect(parsePackageUrl('pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=')!.qualifiers).toEqual({ arch: 'i386' });
    expect(parsePackageUrl('pkg:golang/a/b#./googleapis/../api')!.subpath).toBe('googleapis/api');
  });

  test('the same package has one key, whatever its version', () => {
    expect(packageKey(parsePackageUrl('pkg:NPM/%40angular/animation@1')!)).toBe(packageKey(parsePackageUrl('pkg://npm/@angular/animation')!)); // oxfmt-ignore
  });

  test('what is none', () => {
    for (const text of [
      '',
      'npm/x',
      'pkg:',
      'pkg:npm',
      'pkg:npm/',
      'pkg:npm/%zz',
      'pkg:npm/x?a b=1',
      `pkg:npm/${'x'.repeat(2000)}`,
    ]) {
      expect(parsePackageUrl(text)).toBeUndefined();
    }
  });
});

describe('CPE names', () => {
  test('both bindings of the examples of NIST IR 7695, section 6', () => {
    const of = (text: string) => Object.values(parseCpe(text)!).slice(0, 5);
    expect(of('cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*')).toEqual(['a', 'microsoft', 'internet_explorer', '8.0.6001', 'beta']); // oxfmt-ignore
    expect(parseCpe('cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:-:*:*:online:win2003:x64:*')).toMatchObject({ update: '-', sw_edition: 'online', target_sw: 'win2003', target_hw: 'x64' }); // oxfmt-ignore
    expect(parseCpe('cpe:/a:hp:insight_diagnostics:7.4.0.1570::~~online~win2003~x64~')).toMatchObject({ update: '*', edition: '*', sw_edition: 'online', target_sw: 'win2003', target_hw: 'x64' }); // oxfmt-ignore
    expect(parseCpe('cpe:2.3:a:foo\\\\bar:big\\$money:2010:*:*:*:special:ipod_touch:80gb:*')).toMatchObject({ vendor: 'foo\\\\bar', product: 'big\\$money' }); // oxfmt-ignore
    expect(parseCpe('cpe:/a:foo%5cbar:big%24money:2010')).toMatchObject({ vendor: 'foo\\\\bar', product: 'big\\$money' });
    expect(parseCpe('cpe:2.3:a:b\\:c:d:*:*:*:*:*:*:*:*')!.vendor).toBe('b\\:c');
  });

  test('parts compared as in table 6-2 of NIST IR 7696', () => {
    expect(compareCpePart('*', '*')).toBe('equal');
    expect(compareCpePart('*', '-')).toBe('superset');
    expect(compareCpePart('*', 'a')).toBe('superset');
    expect(compareCpePart('*', '8.*')).toBe('undefined');
    expect(compareCpePart('-', '*')).toBe('subset');
    expect(compareCpePart('-', '-')).toBe('equal');
    expect(compareCpePart('-', 'a')).toBe('disjoint');
    expect(compareCpePart('a', 'a')).toBe('equal');
    expect(compareCpePart('a', 'b')).toBe('disjoint');
    expect(compareCpePart('a', '*')).toBe('subset');
    expect(compareCpePart('8.*', '8.0.6001')).toBe('superset');
    expect(compareCpePart('8.\\*', '8.0')).toBe('disjoint');
    expect(compareCpePart('8.??', '8.10')).toBe('superset');
    expect(compareCpePart('8.??', '8.100')).toBe('disjoint');
  });

  test('a name without a version means every version, not the other way round', () => {
    const any = parseCpe('cpe:2.3:a:apache:http_server:*:*:*:*:*:*:*:*')!;
    const one = parseCpe('cpe:/a:apache:http_server:2.4.57')!;
    expect(cpeMeans(any, one)).toBe(true);
    expect(cpeMeans(one, any)).toBe(false);
  });

  test('what is none, and any text without a throw', () => {
    for (const text of ['', 'cpe:2.3:a:b', 'cpe:2.3:x:b:c:*:*:*:*:*:*:*:*', 'cpe:2.3:a:b*c:d:*:*:*:*:*:*:*:*', 'cpe:/a:%zz']) expect(parseCpe(text)).toBeUndefined(); // oxfmt-ignore
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'cpe:23./ah*?-~\\%0a#@=&') }), (text) => {
        parseCpe(`cpe:2.3:${text}`);
        parseCpe(`cpe:/${text}`);
        parsePackageUrl(`pkg:${text}`);
      }),
      { numRuns: 3_000 },
    );
  });
});
