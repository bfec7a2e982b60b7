/** Names of what RDP numbers (MS-RDPBCGR 2.2.1), in Zeek's spelling. */

type Names = { readonly [number: number]: string };

const builds: Names = {
  419: 'RDP 4.0',
  2195: 'RDP 5.0',
  2221: 'RDP 5.0',
  2600: 'RDP 5.1',
  3790: 'RDP 5.2',
  6000: 'RDP 6.0',
  6001: 'RDP 6.1',
  6002: 'RDP 6.2',
  7600: 'RDP 7.0',
  7601: 'RDP 7.1',
  9200: 'RDP 8.0',
  9600: 'RDP 8.1',
  25189: 'RDP 8.0 (Mac)',
  25282: 'RDP 8.0 (Mac)',
};
const securityProtocols: Names = { 0: 'RDP', 1: 'SSL', 2: 'HYBRID', 8: 'HYBRID_EX' };
const failures: Names = {
  1: 'SSL_REQUIRED_BY_SERVER',
  2: 'SSL_NOT_ALLOWED_BY_SERVER',
  3: 'SSL_CERT_NOT_ON_SERVER',
  4: 'INCONSISTENT_FLAGS',
  5: 'HYBRID_REQUIRED_BY_SERVER',
  6: 'SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER',
};
const certificateTypes: Names = { 1: 'RSA', 2: 'X.509' };
const encryptionMethods: Names = { 0: 'None', 1: '40bit', 2: '128bit', 8: '56bit', 16: 'FIPS' };
const encryptionLevels: Names = { 0: 'None', 1: 'Low', 2: 'Client compatible', 3: 'High', 4: 'FIPS' };
const highColorDepths: Names = { 4: '4bit', 8: '8bit', 15: '15bit', 16: '16bit', 24: '24bit' };
const results: Names = {
  0: 'Success',
  1: 'User rejected',
  2: 'Resources not available',
  3: 'Rejected for symmetry breaking',
  4: 'Locked conference',
};

export const buildName = (number: number): string => builds[number] ?? `client_build-${number}`;
export const securityProtocolName = (number: number): string => securityProtocols[number] ?? `security_protocol-${number}`;
export const failureName = (number: number): string => failures[number] ?? `failure_code-${number}`;
export const certificateTypeName = (number: number): string => certificateTypes[number] ?? `cert_type-${number}`;
export const encryptionMethodName = (number: number): string => encryptionMethods[number] ?? `encryption_method-${number}`;
export const encryptionLevelName = (number: number): string => encryptionLevels[number] ?? `encryption_level-${number}`;
export const highColorDepthName = (number: number): string => highColorDepths[number] ?? `high_color_depth-${number}`;
export const resultName = (number: number): string => results[number] ?? `result-${number}`;

/**
 * Languages of keyboards by language identifier (MS-LCID): hexadecimal number and name. A keyboard is numbered by its
 * language in the lower 16 bits and its variant in the upper.
 */
const languages = new Map<number, string>();

/** `language, region region …`: the name of each is `language - region`, or the language alone. */
const byLanguage: { readonly [language: string]: string } = {
  Arabic:
    '401 Saudi Arabia,801 Iraq,c01 Egypt,1001 Libya,1401 Algeria,1801 Morocco,1c01 Tunisia,2001 Oman,2401 Yemen,2801 Syria,2c01 Jordan,3001 Lebanon,3401 Kuwait,3801 U.A.E.,3c01 Bahrain,4001 Qatar',
  Chinese: "404 Taiwan,804 People's Republic of China,c04 Hong Kong SAR,1004 Singapore,1404 Macao SAR,7c04 Traditional",
  German: '407 Germany,807 Switzerland,c07 Austria,1007 Luxembourg,1407 Liechtenstein',
  English:
    '409 United States,809 United Kingdom,c09 Australia,1009 Canada,1409 New Zealand,1809 Ireland,1c09 South Africa,2009 Jamaica,2409 Caribbean,2809 Belize,2c09 Trinidad,3009 Zimbabwe,3409 Philippines,3809 Indonesia,3c09 Hong Kong SAR,4009 India,4409 Malaysia,4809 Singapore,10409 United States (Dvorak),20409 United States (International),30409 United States (Dvorak for left hand),40409 United States (Dvorak for right hand)',
  Spanish:
    '40a Spain (Traditional Sort),80a Mexico,c0a Spain (Modern Sort),100a Guatemala,140a Costa Rica,180a Panama,1c0a Dominican Republic,200a Venezuela,240a Colombia,280a Peru,2c0a Argentina,300a Ecuador,340a Chile,380a Uruguay,3c0a Paraguay,400a Bolivia,440a El Salvador,480a Honduras,4c0a Nicaragua,500a Puerto Rico,540a United States,580a Latin America',
  French:
    "40c France,80c Belgium,c0c Canada,100c Switzerland,140c Luxembourg,180c Monaco,1c0c West Indies,200c Reunion,240c Democratic Rep. of Congo,280c Senegal,2c0c Cameroon,300c Cote d'Ivoire,340c Mali,380c Morocco,3c0c Haiti",
  Italian: '410 Italy,810 Switzerland',
  Dutch: '413 Netherlands,813 Belgium',
  Portuguese: '416 Brazil,816 Portugal',
  Malay: '43e Malaysia,83e Brunei Darussalam',
  Tibetan: "451 People's Republic of China,851 Bhutan",
  '': '402 Bulgarian,403 Catalan,405 Czech,406 Danish,408 Greek,40b Finnish,40d Hebrew,40e Hungarian,40f Icelandic,411 Japanese,412 Korean,414 Norwegian (Bokmal),814 Norwegian (Nynorsk),415 Polish,417 Rhaeto-Romanic,418 Romanian,419 Russian,41a Croatian,81a Serbian (Latin),c1a Serbian (Cyrillic),41b Slovak,41c Albanian - Albania,41d Swedish,81d Swedish - Finland,41e Thai,41f Turkish,420 Urdu,820 Urdu - India,421 Indonesian,422 Ukrainian,423 Belarusian,424 Slovenian,425 Estonian,426 Latvian,427 Lithuanian,428 Tajik,429 Farsi,42a Vietnamese,42b Armenian - Armenia,42c Azeri (Latin),82c Azeri (Cyrillic),42d Basque,42e Sorbian,42f FYRO Macedonian,430 Sutu,431 Tsonga,432 Tswana,433 Venda,434 Xhosa,435 Zulu,436 Afrikaans - South Africa,437 Georgian,438 Faroese,439 Hindi,43a Maltese,43b Sami (Lappish),43c Scottish Gaelic,83c Irish,43d Yiddish,43f Kazakh,440 Kyrgyz (Cyrillic),441 Swahili,442 Turkmen,443 Uzbek (Latin),843 Uzbek (Cyrillic),444 Tatar,445 Bengali (India),845 Bengali (Bangladesh),446 Punjabi,447 Gujarati,448 Oriya,449 Tamil,44a Telugu,44b Kannada,44c Malayalam,44d Assamese,44e Marathi,44f Sanskrit,450 Mongolian (Cyrillic),850 Mongolian (Mongolian),452 Welsh,453 Khmer,454 Lao,455 Burmese,456 Galician,457 Konkani,45b Sinhalese - Sri Lanka,45e Amharic - Ethiopia,461 Nepali,462 Frisian - Netherlands,463 Pashto,464 Filipino,465 Divehi,468 Hausa - Nigeria,46a Yoruba,46d Bashkir,46e Luxembourgish,46f Greenlandic,470 Igbo - Nigeria,478 Yi,47e Breton,480 Uighur - China,481 Maori - New Zealand,482 Occitan,483 Corsican,484 Alsatian,485 Yakut,487 Kinyarwanda,488 Wolof,48c Dari',
};
for (const [language, regions] of Object.entries(byLanguage)) {
  for (const entry of regions.split(',')) {
    const space = entry.indexOf(' ');
    const region = entry.slice(space + 1);
    languages.set(Number.parseInt(entry.slice(0, space), 16), language === '' ? region : `${language} - ${region}`);
  }
}

/** The name of a keyboard; for an unknown variant, that of its language. */
export function keyboardName(number: number): string {
  const exact = languages.get(number);
  if (exact !== undefined) return exact;
  const guess = languages.get(number & 0xffff);
  return guess === undefined ? `keyboard-${number}` : `${guess} (Best Guess for ${number})`;
}
