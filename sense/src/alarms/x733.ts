/**
 * The words of ITU-T X.733 and X.736 for alarms of equipment and lines, and their numbers in SNMP (RFC 3877, IANA-ITU-ALARM-TC-MIB,
 * whose spelling is kept). X.733 knows: what is affected, what kind of event it is, the probable cause, how grave it is,
 * specific problems, and whether it has ended.
 */

/** ItuPerceivedSeverity. */
const severities = ['', 'cleared', 'indeterminate', 'critical', 'major', 'minor', 'warning'];

/** States of a model in their order, 1 to 6, as severities (RFC 3877 §5.4, ituAlarmTable). */
const stateSeverities = ['', 'cleared', 'indeterminate', 'warning', 'minor', 'major', 'critical'];

/** IANAItuEventType. */
const eventTypes = [
  '',
  'other',
  'communicationsAlarm',
  'qualityOfServiceAlarm',
  'processingErrorAlarm',
  'equipmentAlarm',
  'environmentalAlarm',
  'integrityViolation',
  'operationalViolation',
  'physicalViolation',
  'securityServiceOrMechanismViolation',
  'timeDomainViolation',
];

/** ItuTrendIndication. */
const trends = ['', 'moreSevere', 'noChange', 'lessSevere'];

/** IANAItuProbableCause: runs of names, by the number of the first. */
const causeRuns: { readonly [first: number]: string } = {
  1: 'aIS callSetUpFailure degradedSignal farEndReceiverFailure framingError lossOfFrame lossOfPointer lossOfSignal payloadTypeMismatch transmissionError remoteAlarmInterface excessiveBER pathTraceMismatch unavailable signalLabelMismatch lossOfMultiFrame receiveFailure transmitFailure modulationFailure demodulationFailure broadcastChannelFailure connectionEstablishmentError invalidMessageReceived localNodeTransmissionError remoteNodeTransmissionError routingFailure',
  51: 'backplaneFailure dataSetProblem equipmentIdentifierDuplication externalIFDeviceProblem lineCardProblem multiplexerProblem nEIdentifierDuplication powerProblem processorProblem protectionPathFailure receiverFailure replaceableUnitMissing replaceableUnitTypeMismatch synchronizationSourceMismatch terminalProblem timingProblem transmitterFailure trunkCardProblem replaceableUnitProblem realTimeClockFailure antennaFailure batteryChargingFailure diskFailure frequencyHoppingFailure iODeviceError lossOfSynchronisation lossOfRedundancy powerSupplyFailure signalQualityEvaluationFailure tranceiverFailure protectionMechanismFailure protectingResourceFailure',
  101: 'airCompressorFailure airConditioningFailure airDryerFailure batteryDischarging batteryFailure commercialPowerFailure coolingFanFailure engineFailure fireDetectorFailure fuseFailure generatorFailure lowBatteryThreshold pumpFailure rectifierFailure rectifierHighVoltage rectifierLowFVoltage ventilationsSystemFailure enclosureDoorOpen explosiveGas fire flood highHumidity highTemperature highWind iceBuildUp intrusionDetection lowFuel lowHumidity lowCablePressure lowTemperatue lowWater smoke toxicGas coolingSystemFailure externalEquipmentFailure externalPointFailure',
  151: 'storageCapacityProblem memoryMismatch corruptData outOfCPUCycles sfwrEnvironmentProblem sfwrDownloadFailure lossOfRealTimel applicationSubsystemFailure configurationOrCustomisationError databaseInconsistency fileError outOfMemory softwareError timeoutExpired underlayingResourceUnavailable versionMismatch',
  201: 'bandwidthReduced congestion excessiveErrorRate excessiveResponseTime excessiveRetransmissionRate reducedLoggingCapability systemResourcesOverload',
  500: 'adapterError applicationSubsystemFailture bandwidthReducedX733 callEstablishmentError communicationsProtocolError communicationsSubsystemFailure configurationOrCustomizationError congestionX733 coruptData cpuCyclesLimitExceeded dataSetOrModemError degradedSignalX733 dteDceInterfaceError enclosureDoorOpenX733 equipmentMalfunction excessiveVibration fileErrorX733 fireDetected framingErrorX733 heatingVentCoolingSystemProblem humidityUnacceptable inputOutputDeviceError inputDeviceError lanError leakDetected localNodeTransmissionErrorX733 lossOfFrameX733 lossOfSignalX733 materialSupplyExhausted multiplexerProblemX733 outOfMemoryX733 ouputDeviceError performanceDegraded powerProblems pressureUnacceptable processorProblems pumpFailureX733 queueSizeExceeded receiveFailureX733 receiverFailureX733 remoteNodeTransmissionErrorX733 resourceAtOrNearingCapacity responseTimeExecessive retransmissionRateExcessive softwareErrorX733 softwareProgramAbnormallyTerminated softwareProgramError storageCapacityProblemX733 temperatureUnacceptable thresholdCrossed timingProblemX733 toxicLeakDetected transmitFailureX733 transmiterFailure underlyingResourceUnavailable versionMismatchX733',
  600: 'authenticationFailure breachOfConfidentiality cableTamper delayedInformation denialOfService duplicateInformation informationMissing informationModificationDetected informationOutOfSequence keyExpired nonRepudiationFailure outOfHoursActivity outOfService proceduralError unauthorizedAccessAttempt unexpectedInformation',
  1024: 'other',
};

const causes = new Map(
  Object.entries(causeRuns).flatMap(([first, names]) =>
    names.split(' ').map((name, i): [number, string] => [Number(first) + i, name]),
  ),
);

const named = (names: readonly string[], number: number): string => names[number] || String(number);

/** The name of a number; the number itself where it has none. */
export const severityName = (number: number): string => named(severities, number);
export const eventTypeName = (number: number): string => named(eventTypes, number);
export const trendName = (number: number): string => named(trends, number);
export const causeName = (number: number): string => causes.get(number) ?? String(number);

/** The severity that a state of an alarm's model stands for, or nothing: models may have states of their own beyond six. */
export const severityOfState = (state: number): string | undefined => stateSeverities[state] || undefined;

/** Whether the word is one of the six severities. */
export const isSeverity = (word: string): boolean => word !== '' && severities.includes(word);
