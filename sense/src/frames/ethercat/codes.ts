/** Words for the numbers of EtherCAT, as icsnpp-ethercat writes them. */

const commands = [
  'NOP',
  'Auto Increment Physical Read',
  'Auto Increment Physical Write',
  'Auto Increment Physical ReadWrite',
  'Configured Addr Physical Read',
  'Configured Addr Physical Write',
  'Configured Addr Physical ReadWrite',
  'Broadcast Read',
  'Broadcast Write',
  'Broadcast ReadWrite',
  'Logical Read',
  'Logical Write',
  'Logical ReadWrite',
  'Auto Increment Physical Read Mult Write',
  'Configured Addr Physical Read Mult Write',
] as const;

export const commandName = (code: number): string => commands[code]!;
export const commandCount = commands.length;

/** Where each named piece of a slave's memory begins (ETG.1000.4 table 31). */
const registers: readonly (readonly [number, string])[] = [
  [0x0000, 'Type'],
  [0x0001, 'Revision'],
  [0x0002, 'Build'],
  [0x0004, 'FMMUSPT'],
  [0x0005, 'SyncManagers'],
  [0x0006, 'RAMSize'],
  [0x0007, 'PortDescriptor'],
  [0x0008, 'ESC_Features'],
  [0x0010, 'CSAddr'],
  [0x0012, 'CSAlias'],
  [0x0020, 'Reg_Write_En'],
  [0x0021, 'Reg_Write_Prot'],
  [0x0030, 'ESC_Write_En'],
  [0x0031, 'ESC_Write_Prot'],
  [0x0040, 'ESC_Rst_Ecat'],
  [0x0041, 'ESC_Rst_Pdi'],
  [0x0100, 'ESC_DL_Ctl'],
  [0x0108, 'Phy_RD_WR_Offs'],
  [0x0110, 'ESC_DL_Stat'],
  [0x0120, 'AL_Ctl'],
  [0x0130, 'AL_Stat'],
  [0x0134, 'AL_Stat_Code'],
  [0x0138, 'RUN_Led_Ovrd'],
  [0x0139, 'ERR_Led_Ovrd'],
  [0x0140, 'PDI_Ctl'],
  [0x0141, 'ESC_Conf'],
  [0x014e, 'PDI_Info'],
  [0x0150, 'PDI_Conf'],
  [0x0151, 'Sync_Latc_Pdi'],
  [0x0152, 'PDI_Onchip_Conf'],
  [0x0200, 'ECAT_Ev_Msk'],
  [0x0204, 'PDI AL Event Mask'],
  [0x0210, 'ECAT Event Request'],
  [0x0220, 'AL Event Request'],
  [0x0300, 'RX_Err_Cnt'],
  [0x0308, 'Fwd_Rx_Err_Cnt'],
  [0x030c, 'ECAT_Proc_Err_Cnt'],
  [0x030d, 'PDI_Err_Cnt'],
  [0x030e, 'PDI_Err_Code'],
  [0x0310, 'LLC'],
  [0x0400, 'WTD_Div'],
  [0x0410, 'WTD_Time_PDI'],
  [0x0420, 'WTD_Time_Proc_Data'],
  [0x0440, 'WTD_Stat_Proc_Data'],
  [0x0442, 'WTD_Cnt_Proc_Data'],
  [0x0443, 'WTD_Cnt_PDI'],
  [0x0500, 'SII_EEPROM_Intr'],
  [0x0510, 'MII_Mang_Intr'],
  [0x0600, 'FMMU'],
  [0x0800, 'SyncManager'],
  [0x0900, 'Dist_Clk'],
  [0x0e00, 'ESC_Specf-Reg'],
  [0x0f00, 'Dig_IO_Data'],
  [0x0f10, 'GP_Out_Data'],
  [0x0f18, 'GP_In'],
  [0x0f80, 'USR_Ram'],
  [0x1000, 'PDI_Dig_IO_Data'],
  [0x1004, 'PD_Ram'],
];

/** The piece of memory that an address is in. */
export function registerName(address: number): string {
  let low = 0;
  let high = registers.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (registers[middle]![0] <= address) low = middle;
    else high = middle - 1;
  }
  return registers[low]![1];
}

/** Registers whose value tells what a slave is made to do: address, write protection, resets, link, state, EEPROM. */
export const controls = (address: number): boolean =>
  (address >= 0x10 && address < 0x42) || (address >= 0x100 && address < 0x104) || (address >= 0x120 && address < 0x136);

const adsCommands = [
  'NOP',
  'ADS Read Device Info',
  'ADS Read',
  'ADS Write',
  'ADS Read State',
  'ADS Write Control',
  'ADS Add Device Notification',
  'ADS Delete Device Notification',
  'ADS Device Notification',
  'ADS Read Write',
] as const;

export const adsName = (code: number): string => adsCommands[code] ?? `Unknown CMD Cmd-${hexadecimal(code)}`;

const fileCommands: readonly (string | undefined)[] = [undefined, 'Read Request', 'Write Request', undefined, undefined, 'Error'];

/** Beginnings and failures of a file's transfer; its data, acknowledgements and pauses have no name. */
export const fileCommandName = (code: number): string | undefined => fileCommands[code];

/** `0x0a` */
export const hexadecimal = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`;
