/** The settings in force, kept beside the spool so that a sensor that starts while the centre is away works as it was told. */

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { defaultSensorSettings, SensorSettings } from '@forewarn/model/sensor';

const Kept = z.object({ version: z.number().int().min(0), values: SensorSettings });
export type KeptSettings = z.infer<typeof Kept>;

const fileOf = (directory: string): string => join(directory, 'settings.json');

/** What was kept; the sensor's own (version 0) when nothing was, or what was cannot be read: the centre tells it again. */
export function readSettings(directory: string): KeptSettings {
  try {
    return Kept.parse(JSON.parse(readFileSync(fileOf(directory), 'utf8')));
  } catch {
    return { version: 0, values: defaultSensorSettings };
  }
}

export function keepSettings(directory: string, settings: KeptSettings): void {
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
