/**
 * The look in numbers: one spacing scale (4, 8, 12, 16, 24), two sizes for data (13 and 20), tabular figures. The accent
 * is teal because red, orange, yellow and blue are grades and nothing else.
 */

import { Button, createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const ink: MantineColorsTuple = [
  '#dfe5ec',
  '#c3ccd6',
  '#9fabb9',
  '#75828f',
  '#343e4a',
  '#29323c',
  '#1b2229',
  '#12171d',
  '#0d1116',
  '#090c10',
];

const accent: MantineColorsTuple = [
  '#e3f6f3',
  '#c3ebe5',
  '#9bdcd3',
  '#6fcabf',
  '#49b5a9',
  '#2f9f93',
  '#1f877c',
  '#0f6b62',
  '#0b5850',
  '#06403a',
];

/** Families first, CJK after: every system brings one of them, so nothing is fetched. */
const sans =
  '-apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, Cantarell, "Liberation Sans", Arial, "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif';
const mono =
  'ui-monospace, "SF Mono", "Cascadia Mono", Consolas, "Noto Sans Mono", "Liberation Mono", "DejaVu Sans Mono", "Noto Sans CJK SC", monospace';

export const theme = createTheme({
  colors: { dark: ink, accent },
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  fontFamily: sans,
  fontFamilyMonospace: mono,
  headings: {
    fontFamily: sans,
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '18px', lineHeight: '24px' },
      h2: { fontSize: '14px', lineHeight: '20px' },
      h3: { fontSize: '13px', lineHeight: '20px' },
    },
  },
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '16px', sm: '20px', md: '20px', lg: '24px', xl: '28px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  defaultRadius: '4px',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // A dialog's head is no second banner of the page.
    ModalHeader: { defaultProps: { component: 'div' } },
    DrawerHeader: { defaultProps: { component: 'div' } },
    Button: Button.extend({
      defaultProps: { size: 'xs' },
      // The library picks the label's colour for one theme only; in the dark one the teal is light.
      vars: (_theme, { variant }) => ({
        root: variant === undefined || variant === 'filled' ? { '--button-color': 'light-dark(#ffffff, #06211e)' } : {},
      }),
    }),
    TextInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs', comboboxProps: { shadow: 'md' } } },
    MultiSelect: { defaultProps: { size: 'xs', comboboxProps: { shadow: 'md' } } },
    TagsInput: { defaultProps: { size: 'xs' } },
    Autocomplete: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs', autosize: true, minRows: 2, maxRows: 10 } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Tooltip: {
      defaultProps: {
        openDelay: 300,
        withArrow: true,
        multiline: true,
        maw: 320,
        events: { hover: true, focus: true, touch: true },
      },
    },
    Menu: { defaultProps: { shadow: 'md', withinPortal: true } },
    Popover: { defaultProps: { shadow: 'md', withinPortal: true } },
    Modal: { defaultProps: { centered: true, radius: 6 } },
  },
});

/** Mantine's grey texts are too pale for 4.5:1; these are not. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  dark: {
    '--mantine-color-dimmed': '#9fabb9',
    '--mantine-color-placeholder': '#8d99a7',
    '--mantine-color-error': '#ff8a8a',
  },
  light: {
    '--mantine-color-body': '#f5f6f8',
    '--mantine-color-text': '#171c22',
    '--mantine-color-dimmed': '#525d69',
    '--mantine-color-placeholder': '#66717d',
    '--mantine-color-error': '#b3261e',
  },
});
