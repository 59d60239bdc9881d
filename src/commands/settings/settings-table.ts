import { standardText } from './flags.js';
import { isSecret, type Setting } from './setting.js';
import { GROUPS, SETTINGS } from './settings.js';

/** The settings as tables in Markdown, one a group: what docs/configuration.md shows between its marks. */
export function settingsTable(): string {
  return Object.entries(GROUPS)
    .map(([group, about]) => {
      const rows = SETTINGS.filter((setting) => setting.group === group).map(row);
      return [`### ${group}`, '', `${about}.`, '', '| file | flag | environment | default | |', '|---|---|---|---|---|', ...rows].join(
        '\n',
      );
    })
    .join('\n\n');
}

function row(setting: Setting): string {
  const { path, flag, variable, about } = setting;
  const cells = [
    isSecret(setting) ? '' : code(path),
    flag === undefined ? '' : code(flag),
    code(variable),
    code(standardText(setting)),
    `${about.replaceAll('<', '\\<').replaceAll('*', '\\*')}${reachOf(setting)}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** When a reload does not put it in force for everybody. */
function reachOf({ isLive, isForNewConnections }: Setting): string {
  if (!isLive) return ' (restart)';
  return isForNewConnections ? ' (new connections)' : '';
}

function code(text: string | undefined): string {
  return text === undefined ? '' : `\`${text}\``;
}
