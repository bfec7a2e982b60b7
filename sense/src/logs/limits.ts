/** Ceilings that all formats share; what one alone needs stands in its file. */

export const limits = {
  eventBytesMax: {
    name: 'eventBytesMax',
    value: 4 << 20,
    unit: 'bytes',
    why: 'Of one line or object. Windows events carry scripts of 60 KB and Kubernetes objects of 1.5 MB (the limit of etcd).',
  },
  messageBytesMax: {
    name: 'messageBytesMax',
    value: 16 << 20,
    unit: 'bytes',
    why: 'Of one message that may hold many events (Kafka, NATS, MQTT). Brokers take 1 MB by default, and are raised to some megabytes for lists.',
  },
  nestingMax: {
    name: 'nestingMax',
    value: 64,
    unit: 'levels',
    why: 'Of objects and lists in one event; pods in a Kubernetes audit event reach twenty.',
  },
  fieldsMax: {
    name: 'fieldsMax',
    value: 2_000,
    unit: 'fields',
    why: "Of one record. Zeek's widest log has some forty, a Windows event some hundred, a large Kubernetes object some hundreds.",
  },
  elementsMax: {
    name: 'elementsMax',
    value: 1_000,
    unit: 'elements',
    why: 'Of one list in a record: what the centre keeps of one (guard/classes).',
  },
  nameCharactersMax: {
    name: 'nameCharactersMax',
    value: 512,
    unit: 'characters',
    why: 'Of the name of a field, with those of the objects around it; longer ones are data in the place of names.',
  },
  recognitionBytes: {
    name: 'recognitionBytes',
    value: 65_536,
    unit: 'bytes',
    why: 'From which a format is told. A file of Kubernetes or cloud audit says what it is in its first event.',
  },
  logNamesMax: {
    name: 'logNamesMax',
    value: 256,
    unit: 'logs',
    why: 'Different names of logs in one input; Zeek with all its packages has some hundred and fifty. Further ones are written as `other`.',
  },
} as const;
