package textzh

import "testing"

func TestMask(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"请拨打13812345678联系我", "请拨打138****5678联系我"},
		{"身份证440304199001011234", "身份证440***********1234"},
		{"12345热线、110都打过", "12345热线、110都打过"},
		{"办公电话0755-82918333", "办公电话0755-82918333"},
		{"邮箱zhang.san@example.com", "邮箱z***@example.com"},
		{"卡号6222021234567890123", "卡号6222********0123"},
		{"没有数字", "没有数字"},
	} {
		if got := Mask(c.in); got != c.want {
			t.Errorf("Mask(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	if got := MaskName("欧阳修"); got != "欧**" {
		t.Errorf("MaskName = %q", got)
	}
	if got := MaskPhone("13812345678"); got != "138****5678" {
		t.Errorf("MaskPhone = %q", got)
	}
}
