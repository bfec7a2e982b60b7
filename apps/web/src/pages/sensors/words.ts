/** What a sensor's states and troubles are called, and what is to be done about each. */

import type { SensorView } from '@forewarn/model/api';

export type SensorState = SensorView['state'];
type Trouble = SensorView['troubles'][number];

export const stateKeys: { [state in SensorState]: string } = {
  never: 'web.sensors.state.never',
  files: 'web.sensors.state.files',
  working: 'web.sensors.state.working',
  trouble: 'web.sensors.state.trouble',
  silent: 'web.sensors.state.silent',
  stopped: 'web.sensors.state.stopped',
};

/** The worst first: what needs a person stands at the top. */
export const stateOrder: readonly SensorState[] = ['silent', 'trouble', 'stopped', 'working', 'files', 'never'];

export const troubleKeys: { [trouble in Trouble]: { title: string; todo: string } } = {
  'kernel-drops': { title: 'web.sensors.trouble.kernelDrops', todo: 'web.sensors.todo.kernelDrops' },
  'capture-down': { title: 'web.sensors.trouble.captureDown', todo: 'web.sensors.todo.captureDown' },
  'spool-filling': { title: 'web.sensors.trouble.spoolFilling', todo: 'web.sensors.todo.spoolFilling' },
  'spool-lost': { title: 'web.sensors.trouble.spoolLost', todo: 'web.sensors.todo.spoolLost' },
  'set-aside': { title: 'web.sensors.trouble.setAside', todo: 'web.sensors.todo.setAside' },
  refused: { title: 'web.sensors.trouble.refused', todo: 'web.sensors.todo.refused' },
  clock: { title: 'web.sensors.trouble.clock', todo: 'web.sensors.todo.clock' },
  settings: { title: 'web.sensors.trouble.settings', todo: 'web.sensors.todo.settings' },
  files: { title: 'web.sensors.trouble.files', todo: 'web.sensors.todo.files' },
  ring: { title: 'web.sensors.trouble.ring', todo: 'web.sensors.todo.ring' },
};

/** States that are troubles themselves. */
export const stateTodoKeys: { [state in SensorState]?: { title: string; todo: string } } = {
  silent: { title: 'web.sensors.state.silent', todo: 'web.sensors.todo.silent' },
  stopped: { title: 'web.sensors.state.stopped', todo: 'web.sensors.todo.stopped' },
  never: { title: 'web.sensors.state.never', todo: 'web.sensors.todo.never' },
};
