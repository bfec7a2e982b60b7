/** The settings in force, kept beside the spool so that a sensor that starts while the centre is away works as it was told. */

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { defaultSensorSettings, VersionedSettings } from '@forewarn/model/sensor';

const fileOf = (directory: string): string => join(directory, 'settings.json');

/** What was kept; the sensor's own (version 0) when nothing was, or what was cannot be read: the centre tells it again. */
export function readSettings(directory: string): VersionedSettings {
  try {
    return VersionedSettings.parse(JSON.parse(readFileSync(fileOf(directory), 'utf8')));
  } catch {
    return { version: 0, values: defaultSensorSettings };
  }
}

export function keepSettings(directory: string, settings: VersionedSettings): void {
  const part = `${fileOf(directory)}.part`;
  const file = openSync(part, 'w', 0o600);
  try {
    writeSync(file, JSON.stringify(settings));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(part, fileOf(directory));
}
