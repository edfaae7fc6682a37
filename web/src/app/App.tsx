import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { App as Antd, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { lazy } from 'react';
import { createBrowserRouter, Navigate, Outlet, RouterProvider } from 'react-router';
import { Problem } from '../api/client';
import { LiveFeed } from '../api/live';
import { locale } from '../text';
import { Broken, Nowhere } from '../ui/states';
import { desksOf } from './desks';
import { SignedIn, useSession } from './session';
import { Shell } from './Shell';
import { SignIn } from './SignIn';
import { theme } from './theme';

const Admin = lazy(() => import('../admin/AdminPage'));
const Audit = lazy(() => import('../work/AuditDesk'));
const Benefit = lazy(() => import('../benefits/BenefitPage'));
const Benefits = lazy(() => import('../benefits/BenefitsPage'));
const Brief = lazy(() => import('../brief/BriefPage'));
const Briefs = lazy(() => import('../brief/BriefsPage'));
const CallBack = lazy(() => import('../work/CallBackDesk'));
const CasePage = lazy(() => import('../case/CasePage'));
const Dispatch = lazy(() => import('../dispatch/DispatchDesk'));
const Duty = lazy(() => import('../duty/DutyPage'));
const Figures = lazy(() => import('../figures/FiguresPage'));
const Ledger = lazy(() => import('../figures/LedgerPage'));
const Inbox = lazy(() => import('../inbox/Inbox'));
const Intake = lazy(() => import('../intake/Intake'));
const Lived = lazy(() => import('../lived/LivedPage'));
const Knowledge = lazy(() => import('../knowledge/KnowledgePage'));
const Password = lazy(() => import('./Password'));
const Rounds = lazy(() => import('../rounds/RoundsPage'));
const Registers = lazy(() => import('../registers/RegistersPage'));
const Rule = lazy(() => import('../work/RulingDesk'));
const Rules = lazy(() => import('../rules/RulesPage'));
const Screen = lazy(() => import('../screen/Screen'));
const Seat = lazy(() => import('../seat/SeatDesk'));
const Search = lazy(() => import('../search/SearchPage'));
const Service = lazy(() => import('../services/ServicePage'));
const Services = lazy(() => import('../services/ServicesPage'));
const Setup = lazy(() => import('./Setup'));
const Supervise = lazy(() => import('../supervise/Supervise'));
const Window = lazy(() => import('../window/WindowPage'));
const Topics = lazy(() => import('../topics/TopicsPage'));

function Home() {
  const first = desksOf(useSession())[0];
  return <Navigate to={first?.path ?? '/cases'} replace />;
}

const router = createBrowserRouter(
  [
    { path: '/sign-in', Component: SignIn, ErrorBoundary: Broken },
    { path: '/setup', Component: Setup, ErrorBoundary: Broken },
    {
      element: <SignedIn><LiveFeed><Shell /></LiveFeed></SignedIn>,
      ErrorBoundary: Broken,
      children: [{
        ErrorBoundary: Broken,
        element: <Outlet />,
        children: [
          { path: '/', Component: Home },
          { path: '/password', Component: Password },
          { path: '/dispatch', Component: Dispatch },
          { path: '/inbox', Component: Inbox },
          { path: '/intake', Component: Intake },
          { path: '/seat', Component: Seat },
          { path: '/rounds', Component: Rounds },
          { path: '/registers', Component: Registers },
          { path: '/knowledge', Component: Knowledge },
          { path: '/audit', Component: Audit },
          { path: '/callback', Component: CallBack },
          { path: '/rule', Component: Rule },
          { path: '/duty/:part?', Component: Duty },
          { path: '/rules/:code?', Component: Rules },
          { path: '/supervise', Component: Supervise },
          { path: '/lived', Component: Lived },
          { path: '/topics', Component: Topics },
          { path: '/cases', Component: Search },
          { path: '/cases/:id', Component: CasePage },
          { path: '/benefits', Component: Benefits },
          { path: '/benefits/:service', Component: Benefit },
          { path: '/services', Component: Services },
          { path: '/services/:code', Component: Service },
          { path: '/window', Component: Window },
          { path: '/brief', Component: Briefs },
          { path: '/brief/:id', Component: Brief },
          { path: '/figures', Component: Figures },
          { path: '/ledger', Component: Ledger },
          { path: '/screen', Component: Screen },
          { path: '/admin/:part?', Component: Admin },
          { path: '*', Component: Nowhere },
        ],
      }],
    },
  ],
  { basename: '/desk' },
);

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal will not change by asking again; only a lost connection may.
      retry: (n, e) => e instanceof Problem && (e.status === 0 || e.status >= 500) && n < 2,
      staleTime: 10_000,
      refetchOnWindowFocus: false,
    },
  },
});

/** The staff site. */
export function App() {
  return (
    <ConfigProvider theme={theme} locale={locale === 'en' ? enUS : zhCN} button={{ autoInsertSpace: false }}>
      <Antd component={false} message={{ maxCount: 3, duration: 4 }}>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </Antd>
    </ConfigProvider>
  );
}
