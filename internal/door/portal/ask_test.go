package portal_test

import "testing"

// At night somebody asks, gets the answer with its source, marks it; another
// question has no sure answer and becomes an appeal without being typed again.
func TestAskAtNight(t *testing.T) {
	b := open(t)
	b.get("/").sees("问一问")
	b.get("/ask").sees("想问什么")
	b.post("/ask", form("question", "  ")).sees("请写下想问的事")
	b.post("/ask", form("question", "领结婚证要不要带户口本")).sees("不再要求户口簿", "婚姻登记条例", "有效", "有用", "转为诉求").seesNot("不确定")
	id := b.shown(idShown)
	b.post("/ask/mark", form("id", id, "mark", "good")).sees("谢谢，已记下")

	const vague = "我家猫丢了三天了怎么找"
	b.post("/ask", form("question", vague)).sees("转为诉求")
	b.post("/ask/file", form("id", b.shown(idShown), "question", vague)).at("/file").sees(vague)
	b.post("/file", form("_go", "next")).at("/file/where")

	all, _, err := b.house.Answers.Use(t.Context(), 0)
	if err != nil || all.Good != 1 || all.Cases != 1 {
		t.Errorf("figures: %+v, %v", all, err)
	}
}

// The page works in English and in the elder mode, and hostile words stay words.
func TestAskInEnglishAndForElders(t *testing.T) {
	b := open(t)
	b.post("/prefs", form("switch", "lang:en", "back", "/ask")).at("/ask").sees("What would you like to know?")
	b.post("/ask", form("question", "How do I renew an ID card?")).sees("How do I renew an ID card?", "Basis")
	b.post("/prefs", form("switch", "elder:on", "back", "/ask")).at("/ask").sees("Standard")
	b.post("/ask", form("question", "<script>alert(1)</script>")).sees("<script>alert(1)</script>")
}
