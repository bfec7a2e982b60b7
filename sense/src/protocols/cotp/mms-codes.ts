/** Names of the messages, services and errors of MMS (ISO 9506-2). */

const pdus: readonly string[] = [
  'confirmed-RequestPDU',
  'confirmed-ResponsePDU',
  'confirmed-ErrorPDU',
  'unconfirmed-PDU',
  'rejectPDU',
  'cancel-RequestPDU',
  'cancel-ResponsePDU',
  'cancel-ErrorPDU',
  'initiate-RequestPDU',
  'initiate-ResponsePDU',
  'initiate-ErrorPDU',
  'conclude-RequestPDU',
  'conclude-ResponsePDU',
  'conclude-ErrorPDU',
];
export const pduName = (tag: number): string | undefined => pdus[tag];

const services: readonly string[] = (
  'status getNameList identify rename read write getVariableAccessAttributes defineNamedVariable defineScatteredAccess ' +
  'getScatteredAccessAttributes deleteVariableAccess defineNamedVariableList getNamedVariableListAttributes ' +
  'deleteNamedVariableList defineNamedType getNamedTypeAttributes deleteNamedType input output takeControl relinquishControl ' +
  'defineSemaphore deleteSemaphore reportSemaphoreStatus reportPoolSemaphoreStatus reportSemaphoreEntryStatus ' +
  'initiateDownloadSequence downloadSegment terminateDownloadSequence initiateUploadSequence uploadSegment ' +
  'terminateUploadSequence requestDomainDownload requestDomainUpload loadDomainContent storeDomainContent deleteDomain ' +
  'getDomainAttributes createProgramInvocation deleteProgramInvocation start stop resume reset kill ' +
  'getProgramInvocationAttributes obtainFile defineEventCondition deleteEventCondition getEventConditionAttributes ' +
  'reportEventConditionStatus alterEventConditionMonitoring triggerEvent defineEventAction deleteEventAction ' +
  'getEventActionAttributes reportEventActionStatus defineEventEnrollment deleteEventEnrollment alterEventEnrollment ' +
  'reportEventEnrollmentStatus getEventEnrollmentAttributes acknowledgeEventNotification getAlarmSummary ' +
  'getAlarmEnrollmentSummary readJournal writeJournal initializeJournal reportJournalStatus createJournal deleteJournal ' +
  'getCapabilityList fileOpen fileRead fileClose fileRename fileDelete fileDirectory'
).split(' ');
export const serviceName = (tag: number): string => services[tag] ?? `unknown-${tag}`;
export const serviceNumber = (name: string): number => services.indexOf(name);

export const unconfirmedName = (tag: number): string =>
  ['informationReport', 'unsolicitedStatus', 'eventNotification'][tag] ?? `unknown-${tag}`;

const errorClasses: readonly string[] =
  'vmd-state application-reference definition resource service service-preempt time-resolution access initiate conclude cancel file others'.split(
    ' ',
  );
export const errorClassName = (tag: number): string => errorClasses[tag] ?? `unknown-${tag}`;

/** Why a variable was not read or written. */
const accessErrors: readonly string[] = (
  'object-invalidated hardware-fault temporarily-unavailable object-access-denied object-undefined invalid-address type-unsupported ' +
  'type-inconsistent object-attribute-inconsistent object-access-unsupported object-non-existent object-value-invalid'
).split(' ');
export const accessErrorName = (code: number): string => accessErrors[code] ?? `unknown-${code}`;

/** How a service names what it is asked of. */
export type Naming = 'self' | 'first' | 'object' | 'variables' | 'scope' | 'files' | 'nested';

const namings: { readonly [tag: number]: Naming } = {
  1: 'scope',
  4: 'nested',
  5: 'variables',
  6: 'object',
  11: 'object',
  12: 'object',
  13: 'nested',
  26: 'first',
  27: 'self',
  28: 'first',
  29: 'self',
  32: 'first',
  33: 'first',
  34: 'first',
  35: 'first',
  36: 'self',
  37: 'self',
  38: 'first',
  39: 'self',
  40: 'first',
  41: 'first',
  42: 'first',
  43: 'first',
  44: 'first',
  45: 'self',
  46: 'files',
  72: 'files',
  75: 'files',
  76: 'files',
  77: 'files',
};
export const namingOf = (tag: number): Naming | undefined => namings[tag];
