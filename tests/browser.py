# Copyright (c) AULLM-MM contributors.
"""A real Chromium without a window, and what it asked for and complained about."""
import json
import os
import shutil

import pytest

#: Set where a browser must be there, as in continuous integration: no test is skipped.
NEEDED = 'AULLM_MM_NEED_BROWSER'
_SWITCHES = ('--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars',
             '--disable-dev-shm-usage', '--force-prefers-reduced-motion')


def start_browser():
    """Chromium driven by Selenium; the test is skipped, or fails, without it."""
    try:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
    except ImportError:
        return _lacking('the package selenium')
    programs = [shutil.which(name) for name in ('chromium', 'chromedriver')]
    if None in programs:
        return _lacking('chromium and chromedriver (Debian: chromium-driver)')
    options = webdriver.ChromeOptions()
    options.binary_location = programs[0]
    for switch in _SWITCHES:
        options.add_argument(switch)
    options.set_capability('goog:loggingPrefs', dict(browser='ALL', performance='ALL'))
    driver = webdriver.Chrome(options=options, service=Service(programs[1]))
    resize(driver, 1280, 900)
    return driver


def _lacking(what):
    message = f'a browser test needs {what}'
    if os.environ.get(NEEDED):
        pytest.fail(message)
    pytest.skip(message)


def resize(driver, width, height):
    """Set the size of the page in pixels."""
    driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', dict(
        width=width, height=height, deviceScaleFactor=1, mobile=False))


def open_page(driver, path):
    """Open a file, what was logged before forgotten."""
    driver.get('about:blank')
    complaints(driver), requests(driver)
    driver.get(path.as_uri())


def complaints(driver):
    """Console messages of the page, errors and warnings."""
    return [entry['message'] for entry in driver.get_log('browser')]


def requests(driver):
    """Addresses that the page asked for, by the browser's own network log."""
    events = [json.loads(e['message'])['message'] for e in
              driver.get_log('performance')]
    return [e['params']['request']['url'] for e in events
            if e['method'] == 'Network.requestWillBeSent']
