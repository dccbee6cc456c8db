def test_look(notebook):
    import time,sys
    b=notebook("notebooks/01_live_cartoonx.ipynb", width=1200, height=1250)
    b.run(1)
    try:
        b.page.wait_for_selector('.cx-explorer[data-shown]')
        b.page.screenshot(path='/tmp/w/s0.png')
        b.page.click('.cx-play')
        b.page.wait_for_selector('.cx-explorer[data-playing=true]')
        t=time.time()
        b.page.wait_for_function("()=>+document.querySelector('.cx-explorer').dataset.step>=40",timeout=60000)
        b.page.screenshot(path='/tmp/w/s1.png')
        b.page.wait_for_selector('.cx-explorer[data-playing=false]',timeout=120000)
        print('run',time.time()-t, b.page.evaluate("()=>({...document.querySelector('.cx-explorer').dataset})"))
        b.page.screenshot(path='/tmp/w/s2.png')
    finally:
        b.page.screenshot(path='/tmp/w/s3.png')
        print('\n'.join(b.console[-15:])); print(b.output(1)[:2000])
