/** Versions in the order of their makers' own examples, and of Debian's own tool. */

import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions, versionMax } from './versions.ts';

/** Every pair of a list that is in order. */
function ordered(scheme: string, versions: readonly string[]): void {
  for (const [i, one] of versions.entries()) {
    for (const [j, other] of versions.entries()) {
      expect([one, other, Math.sign(compareVersions(scheme, one, other)!)]).toEqual([one, other, Math.sign(i - j)]);
    }
  }
}

function alike(scheme: string, ...versions: string[]): void {
  for (const one of versions) for (const other of versions) expect([one, other, compareVersions(scheme, one, other)]).toEqual([one, other, 0]); // oxfmt-ignore
}

describe('versions in order', () => {
  test('Semantic Versioning 2.0.0, item 11', () => {
    ordered('semver', ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', '2.0.0', '2.1.0', '2.1.1']); // oxfmt-ignore
    alike('semver', '1.0.0+20130313144700', '1.0.0+exp.sha.5114f85', 'v1.0.0', '1.0');
    expect(compareVersions('npm', '1.0.0 || 2.0.0', '1.0.0')).toBeUndefined();
  });

  test('PEP 440, "Summary of permitted suffixes and relative ordering"', () => {
    ordered('pypi', ['1.dev0', '1.0.dev456', '1.0a1', '1.0a2.dev456', '1.0a12.dev456', '1.0a12', '1.0b1.dev456', '1.0b2', '1.0b2.post345.dev456', '1.0b2.post345', '1.0rc1.dev456', '1.0rc1', '1.0', '1.0+abc.5', '1.0+abc.7', '1.0+5', '1.0.post456.dev34', '1.0.post456', '1.0.15', '1.1.dev1', '1!0.1']); // oxfmt-ignore
    alike('pypi', '1.0', '1', 'v1.0.0');
    alike('pypi', '1.0rc1', '1.0c1', '1.0-pre1', '1.0.RC.1');
    alike('pypi', '1.0-5', '1.0.post5', '1.0r5');
  });

  test('rpm: what its own tests say of rpmvercmp', () => {
    ordered('rpm', ['1.0~rc1', '1.0', '1.0^', '1.0^git1', '1.0.1', '2.0']);
    ordered('rpm', ['xyz.4', '2', '2.0', '8']);
    ordered('rpm', ['5.5p1', '5.5p2', '5.5p10']);
    ordered('rpm', ['10xyz', '10.1xyz']);
    ordered('rpm', ['1.0~rc1', '1.0~rc1^git1', '1.0~rc2']);
    ordered('rpm', ['1.0-1.el8', '1.0-2.el8', '1:0.9-1']);
    alike('rpm', '10.0001', '10.1');
    alike('rpm', '1_0', '1.0');
  });

  test('Maven: the examples of ComparableVersion and of the POM reference', () => {
    ordered('maven', ['1-alpha', '1-beta', '1-milestone', '1-rc', '1-snapshot', '1', '1-sp', '1-abc', '1-1', '1.1']);
    ordered('maven', ['1-a1-SNAPSHOT', '1-a1']);
    ordered('maven', ['1.0-alpha-1', '1.0']);
    ordered('maven', ['1-foo', '1-1']);
    alike('maven', '1.0.0', '1', '1-ga', '1.final', '1-0.ga');
    alike('maven', '1a1', '1-alpha-1');
    alike('maven', '1-cr2', '1-rc2');
  });

  test('RubyGems: the examples of Gem::Version', () => {
    ordered('gem', ['1.0.a.2', '1.0.b1', '1.0', '1.0.1', '1.1']);
    alike('gem', '1', '1.0', '1.0.0');
    ordered('gem', ['3.0.0-alpha', '3.0.0']);
  });

  test('nobody says how: letters after a release are later, words for what comes before it earlier', () => {
    ordered('generic', ['1.0.2-beta1', '1.0.2-rc1', '1.0.2', '1.0.2a', '1.0.2k', '1.0.10', '1.1.0']);
    ordered('custom', ['9.7p1', '9.8', '9.8p1', '9.9']);
    alike('generic', 'v2.4', '2.4.0');
    expect(compareVersions('generic', 'any', '1.0')).toBeUndefined();
    expect(compareVersions('__proto__', '1.0', '1.1')).toBeLessThan(0);
  });

  test('Debian: as dpkg compares them', () => {
    ordered('deb', ['1.0~~', '1.0~~a', '1.0~', '1.0~rc1', '1.0', '1.0-1', '1.0-1+b1', '1.0-1.1', '1.0a-1', '1.0+dfsg-1', '1:0.1']); // oxfmt-ignore
    const pairs = fc.sample(fc.tuple(debianVersion, debianVersion), { numRuns: 150, seed: 7 });
    const script = pairs.map(([a, b]) => `if dpkg --compare-versions '${a}' lt '${b}'; then echo -1; elif dpkg --compare-versions '${a}' eq '${b}'; then echo 0; else echo 1; fi`); // oxfmt-ignore
    const theirs = execFileSync('sh', ['-c', script.join('\n')], { encoding: 'utf8' }).trim().split('\n').map(Number); // oxfmt-ignore
    for (const [i, [a, b]] of pairs.entries())
      expect([a, b, Math.sign(compareVersions('deb', a, b)!)]).toEqual([a, b, theirs[i]]);
  });

  test('any texts: never a throw, the same the other way round, and in time', () => {
    const text = fc.string({ maxLength: 60, unit: fc.constantFrom(...'0123456789.-+~^:_abrcvAZ é') });
    const scheme = fc.constantFrom('semver', 'pypi', 'deb', 'rpm', 'maven', 'gem', 'generic');
    fc.assert(
      fc.property(scheme, text, text, (of, a, b) => {
        const [there, back] = [compareVersions(of, a, b), compareVersions(of, b, a)];
        expect(back === undefined ? undefined : -Math.sign(back) + 0).toBe(
          there === undefined ? undefined : Math.sign(there) + 0,
        );
      }),
      { numRuns: 3_000 },
    );
    expect(compareVersions('semver', '1'.repeat(versionMax + 1), '1')).toBeUndefined();
    expect(compareVersions('pypi', `1${'.0'.repeat(99)}`, '1')).toBe(0);
  });
});

const debianVersion = fc
  .tuple(
    fc.option(fc.nat(2), { freq: 3, nil: undefined }),
    fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom(...'0129.+~ab') }),
    fc.option(fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom(...'012.+~ab') }), { nil: undefined }),
  )
  .map(
    ([epoch, upstream, revision]) =>
      `${epoch === undefined ? '' : `${epoch}:`}1${upstream}${revision === undefined ? '' : `-${revision}`}`,
  );
