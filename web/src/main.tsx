import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { locale } from './text';
import './app/base.css';

document.documentElement.lang = locale === 'en' ? 'en' : 'zh-CN';
const root = document.getElementById('root');
if (root) createRoot(root).render(<StrictMode><App /></StrictMode>);
