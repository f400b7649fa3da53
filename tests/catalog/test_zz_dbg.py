import pytest
from bench import engine_quality
from maillage.catalog import measures
from maillage.engine.types import Need
from maillage.engine.understanding import read_need
@pytest.mark.django_db
def test_dbg(monkeypatch):
    seen=[]
    real=measures._is_known
    def k(text, snap):
        r=real(text,snap)
        if not r:
            read=read_need(Need(text),snap); g=read_need(Need(text),snap,general=True)
            seen.append((text,[(w) for w in read.words],read.expressions,g.types[:3],g.bearing[:3],read.themes.any(),g.themes.any()))
        return r
    monkeypatch.setattr(measures,"_is_known",k)
    from tests.catalog import test_measure_command as t
    fn=t.test_the_published_figures_are_found_again
    import inspect,tempfile,pathlib
    try: fn(**{n:("tune" if n in ("name","split","part","sample") else pathlib.Path(tempfile.mkdtemp()) if n=="tmp_path" else None) for n in inspect.signature(fn).parameters})
    except Exception as e: print(repr(e)[:300], inspect.signature(fn))
    print("SEEN",seen)
    assert 0
