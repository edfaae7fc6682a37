import type { ThemeConfig } from 'antd';

/** antd's own blue fails contrast on small text; this one is 8:1 on white. */
export const theme: ThemeConfig = {
  cssVar: { key: 'yw' },
  hashed: false,
  token: {
    colorPrimary: '#1f4e8c',
    colorInfo: '#1f4e8c',
    colorLink: '#1f4e8c',
    colorLinkHover: '#163a6a',
    colorError: '#b3261e',
    colorWarning: '#8a5a00',
    colorSuccess: '#2f6b3a',
    colorText: '#24211d',
    colorTextSecondary: '#5e5a54',
    colorTextTertiary: '#6b665f',
    colorTextQuaternary: '#6b665f',
    colorTextPlaceholder: '#6b665f',
    colorTextDescription: '#5e5a54',
    colorTextDisabled: '#75706a',
    colorBorder: '#c9c4bc',
    colorBorderSecondary: '#e6e2dc',
    colorBgLayout: '#f7f6f3',
    borderRadius: 6,
    fontSize: 14,
    fontFamily: '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",system-ui,sans-serif',
    motionDurationMid: '0.12s',
    motionDurationSlow: '0.16s',
    wireframe: false,
  },
};
